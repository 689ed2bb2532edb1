"""The control plane with a script instead of the engine. `Api` checks every response against the shapes of botocore."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.dms.fakes import MAPPINGS, ROLE, Api, FakeAccount, FakeNetwork, Site
from tests.waiting import wait_until

# An engine that runs at once, reports a table, stops and fails on command, and exits on the command "reload".
SCRIPT = """
import json, sys
def send(**message): print(json.dumps(message), flush=True)
first = json.loads(sys.stdin.readline())
if sys.argv[1] == "probe":
    send(error="" if first["password"] == "right" else "Access denied (error 1045)"); sys.exit()
table = {"schema": "site", "table": "issue", "state": "Table completed", "reason": "", "counters": {"FullLoadRows": 3, "Inserts": 1},
         "times": {"start": 1700000000.5, "end": 1700000001.0}, "validation": {"state": "Validated", "pending": 0}}
state = {"tables": [table], "checkpoint": "binlog.000001:4", "full_load_started": 1700000000.5, "full_load_finished": None,
         "latency_source": 0.0, "latency_target": 1.5}
send(event="running")
for line in sys.stdin:
    command = json.loads(line)
    if command["command"] == "report": send(event="report", id=command["id"], **state)
    if command["command"] == "stop": send(event="stopped", reason="Stop Reason NORMAL", **state); break
    if command["command"] == "fail": send(event="failed", message=command["message"], **state); break
    if command["command"] == "reload": sys.exit(9)
"""
LOGIN = {"username": "dms", "password": "right", "host": "10.10.1.5", "port": 3306}


@pytest.fixture
def account() -> FakeAccount:
    return FakeAccount({"source-secret": LOGIN, "target-secret": LOGIN})


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(SCRIPT)


@pytest.fixture
def api(network: FakeNetwork, account: FakeAccount, tmp_path: Path) -> Iterator[Api]:
    api = Api(network, account, tmp_path)
    yield api
    api.dms.close()


@pytest.fixture
def site(api: Api) -> Site:
    site = Site(api, settings={"ValidationSettings": {"EnableValidation": True}})
    wait_until(lambda: all(one["Status"] == "successful" for one in site.connections().values()))
    return site


def start(site: Site, kind: str = "start-replication") -> dict[str, Any]:
    response = site.api("StartReplicationTask", ReplicationTaskArn=site.task, StartReplicationTaskType=kind)
    wait_until(lambda: site.describe()["Status"] == "running")
    task: dict[str, Any] = response["ReplicationTask"]
    return task


def test_a_missing_vpc_role_is_an_error(api: Api, account: FakeAccount) -> None:
    account.roles = False
    code, message = api.get_error(
        "CreateReplicationSubnetGroup",
        ReplicationSubnetGroupIdentifier="g",
        ReplicationSubnetGroupDescription="d",
        SubnetIds=["subnet-a", "subnet-b"],
    )
    assert code == "AccessDeniedFault"
    assert message == "The IAM Role arn:aws:iam::000000000000:role/dms-vpc-role is not configured properly."


def test_a_subnet_group_must_cover_two_zones(api: Api) -> None:
    parameters = {"ReplicationSubnetGroupIdentifier": "g", "ReplicationSubnetGroupDescription": "d"}
    assert (
        api.get_error("CreateReplicationSubnetGroup", **parameters, SubnetIds=["subnet-a"])[0]
        == "ReplicationSubnetGroupDoesNotCoverEnoughAZs"
    )
    assert api.get_error("CreateReplicationSubnetGroup", **parameters, SubnetIds=["subnet-x"])[0] == "InvalidSubnet"


def test_a_task_passes_through_its_states(site: Site, api: Api) -> None:
    assert site.task.endswith(":task:cutover-gogs")
    assert site.describe()["Status"] == "ready"
    assert start(site)["Status"] == "starting"
    assert api.get_error("DeleteReplicationTask", ReplicationTaskArn=site.task)[0] == "InvalidResourceStateFault"
    assert api.get_error("ModifyReplicationTask", ReplicationTaskArn=site.task)[0] == "InvalidResourceStateFault"
    stopping = api("StopReplicationTask", ReplicationTaskArn=site.task)["ReplicationTask"]
    assert stopping["Status"] == "stopping"
    stopped = wait_until(lambda: (found := site.describe())["Status"] == "stopped" and found)
    assert stopped["StopReason"] == "Stop Reason NORMAL"
    assert stopped["RecoveryCheckpoint"].startswith("checkpoint:V1#1#binlog.000001:4")
    assert api.get_error("StopReplicationTask", ReplicationTaskArn=site.task)[0] == "InvalidResourceStateFault"
    assert site.tables()["issue"]["FullLoadRows"] == 3, "the last report of the engine"
    start(site, "resume-processing")
    api("StopReplicationTask", ReplicationTaskArn=site.task)
    wait_until(lambda: site.describe()["Status"] == "stopped")
    assert api("DeleteReplicationTask", ReplicationTaskArn=site.task)["ReplicationTask"]["Status"] == "deleting"
    filters = [{"Name": "replication-task-arn", "Values": [site.task]}]
    assert api.get_error("DescribeReplicationTasks", Filters=filters)[0] == "ResourceNotFoundFault"
    assert api("DescribeReplicationTasks")["ReplicationTasks"] == []


def test_statistics_are_those_that_the_engine_reports(site: Site) -> None:
    start(site)
    table = wait_until(lambda: site.tables().get("issue"))
    assert (table["TableState"], table["FullLoadRows"], table["Inserts"]) == ("Table completed", 3, 1)
    assert table["ValidationState"] == "Validated"
    stats = site.describe()["ReplicationTaskStats"]
    assert (stats["FullLoadProgressPercent"], stats["TablesLoaded"], stats["TablesErrored"]) == (100, 1, 0)


def test_an_engine_that_exits_is_restarted(site: Site, api: Api, tmp_path: Path) -> None:
    start(site)
    wait_until(lambda: site.tables())
    pid = tmp_path / "dms" / "cutover-gogs" / "engine.pid"
    before = pid.read_text()
    wanted = [{"SchemaName": "site", "TableName": "issue"}]
    api("ReloadTables", ReplicationTaskArn=site.task, TablesToReload=wanted)
    wait_until(lambda: pid.exists() and pid.read_text() not in ("", before))
    assert site.describe()["Status"] == "running"
    unknown = [{"SchemaName": "site", "TableName": "nothing"}]
    assert (
        api.get_error("ReloadTables", ReplicationTaskArn=site.task, TablesToReload=unknown)[0]
        == "ResourceNotFoundFault"
    )


@pytest.mark.parametrize("names", [[f"t{number}" for number in range(11)], ["issue", "issue"]])
def test_a_reload_of_too_many_or_duplicate_tables_is_rejected(site: Site, api: Api, names: list[str]) -> None:
    start(site)
    wait_until(lambda: site.tables())
    wanted = [{"SchemaName": "site", "TableName": name} for name in names]
    assert (
        api.get_error("ReloadTables", ReplicationTaskArn=site.task, TablesToReload=wanted)[0]
        == "InvalidParameterValueException"
    )


def test_a_failure_is_reported_and_the_task_can_be_started_again(site: Site, api: Api) -> None:
    start(site)
    api.dms.control.handle({"order": "fail", "task": "cutover-gogs", "message": "the disk failed"})
    failed = wait_until(lambda: (found := site.describe())["Status"] == "failed" and found)
    assert failed["LastFailureMessage"] == "Last Error the disk failed"
    assert failed["StopReason"] == "Stop Reason FATAL_ERROR"
    messages = [event["Message"] for event in api("DescribeEvents", SourceType="replication-task")["Events"]]
    assert messages[-1] == "Replication task has failed. the disk failed"
    start(site, "reload-target")


def test_a_halted_task_is_stopped_in_any_state_of_its_engine(site: Site, api: Api, tmp_path: Path) -> None:
    """Given a running and a failed task, when they are halted, then no engine is left and both can be resumed."""
    pid = tmp_path / "dms" / "cutover-gogs" / "engine.pid"
    start(site)
    engine = int(pid.read_text())
    assert api.dms.control.handle({"order": "halt", "task": site.task}) == {"task": "cutover-gogs"}
    assert not Path(f"/proc/{engine}").exists()
    assert (site.describe()["Status"], site.tables()) == ("stopped", {})
    start(site, "resume-processing")
    api.dms.control.handle({"order": "fail", "task": "cutover-gogs", "message": "the disk failed"})
    wait_until(lambda: site.describe()["Status"] == "failed")
    api.dms.control.handle({"order": "halt", "task": site.task})
    halted = site.describe()
    assert halted["Status"] == "stopped"
    assert "LastFailureMessage" not in halted
    start(site, "resume-processing")


def test_a_secret_is_read_only_when_it_is_used(api: Api, account: FakeAccount) -> None:
    account.secrets["target-secret"] = {**LOGIN, "password": "wrong"}
    site = Site(api)
    made = {one["EndpointIdentifier"]: one for one in api("DescribeEndpoints")["Endpoints"]}
    assert "Username" not in made["site-source"]
    wait_until(lambda: site.connections()["site-target"]["Status"] == "failed")
    assert "Access denied" in site.connections()["site-target"]["LastFailureMessage"]
    parameters = {"ReplicationTaskArn": site.task, "StartReplicationTaskType": "start-replication"}
    code, message = api.get_error("StartReplicationTask", **parameters)
    assert (code, "Test connection" in message) == ("InvalidResourceStateFault", True)
    account.secrets["target-secret"] = LOGIN
    api("TestConnection", ReplicationInstanceArn=site.instance, EndpointArn=site.target)
    wait_until(lambda: site.connections()["site-target"]["Status"] == "successful")
    start(site)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"Username": "u", "MySQLSettings": {"SecretsManagerSecretId": "s", "SecretsManagerAccessRoleArn": ROLE}},
         "InvalidParameterCombinationException"),
        ({"MySQLSettings": {"SecretsManagerSecretId": "s", "SecretsManagerAccessRoleArn": ROLE, "Port": 1}},
         "InvalidParameterCombinationException"),
        ({"MySQLSettings": {"SecretsManagerSecretId": "s"}}, "InvalidParameterCombinationException"),
        ({"Username": "u", "ServerName": "h", "Port": 1}, "InvalidParameterValueException"),
        ({"Username": "u", "Password": "p", "ServerName": "h", "Port": 1, "SslMode": "verify-full"}, "InvalidParameterValueException"),
        ({"Username": "u", "Password": "p", "ServerName": "h", "Port": 1, "SslMode": "require"}, "InvalidParameterValueException"),
        ({"EngineName": "oracle"}, "UnsupportedOperation"),
    ],
)  # fmt: skip
def test_an_invalid_endpoint_is_rejected(api: Api, more: dict[str, Any], code: str) -> None:
    parameters = {"EndpointIdentifier": "e", "EndpointType": "source", "EngineName": "mysql", **more}
    assert api.get_error("CreateEndpoint", **parameters)[0] == code


def test_a_password_is_never_returned(api: Api) -> None:
    api(
        "CreateEndpoint",
        EndpointIdentifier="e",
        EndpointType="source",
        EngineName="mysql",
        Username="u",
        Password="hush",
        ServerName="h",
        Port=1,
    )
    api("CreateEndpoint", EndpointIdentifier="f", EndpointType="source", EngineName="mysql",
        MySQLSettings={"Username": "u", "Password": "hush", "ServerName": "h", "Port": 1})  # fmt: skip
    assert "hush" not in json.dumps(api("DescribeEndpoints"))
    assert "hush" not in repr(api.dms.state.endpoints)


def test_a_resource_in_use_cannot_be_deleted(site: Site, api: Api, network: FakeNetwork) -> None:
    assert api.get_error("DeleteEndpoint", EndpointArn=site.source)[0] == "InvalidResourceStateFault"
    assert (
        api.get_error("DeleteReplicationInstance", ReplicationInstanceArn=site.instance)[0]
        == "InvalidResourceStateFault"
    )
    assert (
        api.get_error("DeleteReplicationSubnetGroup", ReplicationSubnetGroupIdentifier="group")[0]
        == "InvalidResourceStateFault"
    )
    api("DeleteReplicationTask", ReplicationTaskArn=site.task)
    api("DeleteEndpoint", EndpointArn=site.source)
    api("DeleteReplicationInstance", ReplicationInstanceArn=site.instance)
    api("DeleteReplicationSubnetGroup", ReplicationSubnetGroupIdentifier="group")
    assert network.places == {}


def test_task_instance_and_endpoint_can_be_modified(site: Site, api: Api, network: FakeNetwork) -> None:
    changed = api(
        "ModifyReplicationTask",
        ReplicationTaskArn=site.task,
        ReplicationTaskSettings=json.dumps({"TargetMetadata": {"LobMaxSize": 64}}),
    )
    settings = json.loads(changed["ReplicationTask"]["ReplicationTaskSettings"])
    assert settings["TargetMetadata"]["LobMaxSize"] == 64
    assert settings["ValidationSettings"]["EnableValidation"], "a setting that is not given stays"
    api(
        "ModifyReplicationInstance",
        ReplicationInstanceArn=site.instance,
        VpcSecurityGroupIds=["sg-2"],
        AllocatedStorage=77,
    )
    found = api("DescribeReplicationInstances")["ReplicationInstances"][0]
    assert (found["AllocatedStorage"], found["VpcSecurityGroups"][0]["VpcSecurityGroupId"]) == (77, "sg-2")
    assert network.group_changes[-1][1:] == ("sg-2",)
    api("ModifyEndpoint", EndpointArn=site.source, MySQLSettings={"ServerTimezone": "UTC"})
    assert "site-source" not in site.connections(), "a changed endpoint must be tested again"


def test_invalid_mappings_and_settings_are_rejected(site: Site, api: Api) -> None:
    parameters = {"ReplicationTaskIdentifier": "x", "SourceEndpointArn": site.source, "TargetEndpointArn": site.target,
             "ReplicationInstanceArn": site.instance, "MigrationType": "cdc"}  # fmt: skip
    assert (
        api.get_error("CreateReplicationTask", **parameters, TableMappings="{}")[0] == "InvalidParameterValueException"
    )
    transformed = json.dumps({"rules": [{"rule-type": "transformation"}]})
    assert api.get_error("CreateReplicationTask", **parameters, TableMappings=transformed)[0] == "UnsupportedOperation"
    bad = {"TableMappings": MAPPINGS, "ReplicationTaskSettings": '{"What": {}}'}
    assert api.get_error("CreateReplicationTask", **parameters, **bad)[0] == "InvalidParameterValueException"


def test_tags_are_added_removed_and_listed(site: Site, api: Api) -> None:
    api("AddTagsToResource", ResourceArn=site.task, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    api("RemoveTagsFromResource", ResourceArn=site.task, TagKeys=["a"])
    assert [(t["Key"], t["Value"]) for t in api("ListTagsForResource", ResourceArn=site.task)["TagList"]] == [
        ("b", "2")
    ]
    assert api.get_error("ListTagsForResource", ResourceArn="arn:nothing")[0] == "ResourceNotFoundFault"


def test_latency_metrics_have_the_dimensions_of_instance_and_task(site: Site, api: Api) -> None:
    start(site)
    found = wait_until(lambda: api.dms.metrics.build_data())
    assert [(one["MetricName"], one["Value"]) for one in found] == [
        ("CDCLatencySource", 0.0),
        ("CDCLatencyTarget", 1.5),
    ]
    dimensions = {one["Name"]: one["Value"] for one in found[0]["Dimensions"]}
    assert dimensions == {"ReplicationInstanceIdentifier": "cutover-gogs", "ReplicationTaskIdentifier": "cutover-gogs"}
