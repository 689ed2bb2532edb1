"""The control plane with an engine that is a script. Every answer is checked against botocore's shapes by `Api`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.dms.fakes import MAPPINGS, ROLE, Api, FakeAccount, FakeNetwork, Site
from tests.waiting import wait_until

# An engine that runs at once, counts a table, stops and fails when it is told, and dies when it is told to "reload".
SCRIPT = """
import json, sys
def say(**message): print(json.dumps(message), flush=True)
first = json.loads(sys.stdin.readline())
if sys.argv[1] == "probe":
    say(error="" if first["password"] == "right" else "Access denied (error 1045)"); sys.exit()
table = {"schema": "site", "table": "issue", "state": "Table completed", "reason": "", "counters": {"FullLoadRows": 3, "Inserts": 1},
         "times": {"start": 1700000000.5, "end": 1700000001.0}, "validation": {"state": "Validated", "pending": 0}}
state = {"tables": [table], "checkpoint": "binlog.000001:4", "full_load_started": 1700000000.5, "full_load_finished": None,
         "latency_source": 0.0, "latency_target": 1.5}
say(event="running")
for line in sys.stdin:
    order = json.loads(line)
    if order["command"] == "report": say(event="report", id=order["id"], **state)
    if order["command"] == "stop": say(event="stopped", reason="Stop Reason NORMAL", **state); break
    if order["command"] == "fail": say(event="failed", message=order["message"], **state); break
    if order["command"] == "reload": sys.exit(9)
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
    answer = site.api("StartReplicationTask", ReplicationTaskArn=site.task, StartReplicationTaskType=kind)
    wait_until(lambda: site.describe()["Status"] == "running")
    task: dict[str, Any] = answer["ReplicationTask"]
    return task


def test_without_the_vpc_role_nothing_can_be_made(api: Api, account: FakeAccount) -> None:
    account.roles = False
    code, message = api.refused(
        "CreateReplicationSubnetGroup",
        ReplicationSubnetGroupIdentifier="g",
        ReplicationSubnetGroupDescription="d",
        SubnetIds=["subnet-a", "subnet-b"],
    )
    assert code == "AccessDeniedFault"
    assert message == "The IAM Role arn:aws:iam::000000000000:role/dms-vpc-role is not configured properly."


def test_a_subnet_group_covers_two_zones(api: Api) -> None:
    asked = {"ReplicationSubnetGroupIdentifier": "g", "ReplicationSubnetGroupDescription": "d"}
    assert (
        api.refused("CreateReplicationSubnetGroup", **asked, SubnetIds=["subnet-a"])[0]
        == "ReplicationSubnetGroupDoesNotCoverEnoughAZs"
    )
    assert api.refused("CreateReplicationSubnetGroup", **asked, SubnetIds=["subnet-x"])[0] == "InvalidSubnet"


def test_a_task_goes_through_its_states(site: Site, api: Api) -> None:
    assert site.task.endswith(":task:cutover-gogs")
    assert site.describe()["Status"] == "ready"
    assert start(site)["Status"] == "starting"
    assert api.refused("DeleteReplicationTask", ReplicationTaskArn=site.task)[0] == "InvalidResourceStateFault"
    assert api.refused("ModifyReplicationTask", ReplicationTaskArn=site.task)[0] == "InvalidResourceStateFault"
    stopping = api("StopReplicationTask", ReplicationTaskArn=site.task)["ReplicationTask"]
    assert stopping["Status"] == "stopping"
    stopped = wait_until(lambda: (found := site.describe())["Status"] == "stopped" and found)
    assert stopped["StopReason"] == "Stop Reason NORMAL"
    assert stopped["RecoveryCheckpoint"].startswith("checkpoint:V1#1#binlog.000001:4")
    assert api.refused("StopReplicationTask", ReplicationTaskArn=site.task)[0] == "InvalidResourceStateFault"
    assert site.tables()["issue"]["FullLoadRows"] == 3, "what the engine said last"
    start(site, "resume-processing")
    api("StopReplicationTask", ReplicationTaskArn=site.task)
    wait_until(lambda: site.describe()["Status"] == "stopped")
    assert api("DeleteReplicationTask", ReplicationTaskArn=site.task)["ReplicationTask"]["Status"] == "deleting"
    filters = [{"Name": "replication-task-arn", "Values": [site.task]}]
    assert api.refused("DescribeReplicationTasks", Filters=filters)[0] == "ResourceNotFoundFault"
    assert api("DescribeReplicationTasks")["ReplicationTasks"] == []


def test_statistics_are_what_the_engine_says(site: Site) -> None:
    start(site)
    table = wait_until(lambda: site.tables().get("issue"))
    assert (table["TableState"], table["FullLoadRows"], table["Inserts"]) == ("Table completed", 3, 1)
    assert table["ValidationState"] == "Validated"
    stats = site.describe()["ReplicationTaskStats"]
    assert (stats["FullLoadProgressPercent"], stats["TablesLoaded"], stats["TablesErrored"]) == (100, 1, 0)


def test_an_engine_that_dies_is_started_again(site: Site, api: Api, tmp_path: Path) -> None:
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
        api.refused("ReloadTables", ReplicationTaskArn=site.task, TablesToReload=unknown)[0] == "ResourceNotFoundFault"
    )


@pytest.mark.parametrize("names", [[f"t{number}" for number in range(11)], ["issue", "issue"]])
def test_more_tables_than_dms_takes_are_not_loaded_anew(site: Site, api: Api, names: list[str]) -> None:
    start(site)
    wait_until(lambda: site.tables())
    wanted = [{"SchemaName": "site", "TableName": name} for name in names]
    assert (
        api.refused("ReloadTables", ReplicationTaskArn=site.task, TablesToReload=wanted)[0]
        == "InvalidParameterValueException"
    )


def test_a_failure_is_told_and_the_task_can_be_started_again(site: Site, api: Api) -> None:
    start(site)
    api.dms.control.handle({"order": "fail", "task": "cutover-gogs", "message": "the tape broke"})
    failed = wait_until(lambda: (found := site.describe())["Status"] == "failed" and found)
    assert failed["LastFailureMessage"] == "Last Error the tape broke"
    assert failed["StopReason"] == "Stop Reason FATAL_ERROR"
    messages = [event["Message"] for event in api("DescribeEvents", SourceType="replication-task")["Events"]]
    assert messages[-1] == "Replication task has failed. the tape broke"
    start(site, "reload-target")


def test_a_halted_task_rests_whatever_its_engine_did(site: Site, api: Api, tmp_path: Path) -> None:
    """Given a running and a failed task, when they are halted, then no engine is left and both can be resumed."""
    pid = tmp_path / "dms" / "cutover-gogs" / "engine.pid"
    start(site)
    engine = int(pid.read_text())
    assert api.dms.control.handle({"order": "halt", "task": site.task}) == {"task": "cutover-gogs"}
    assert not Path(f"/proc/{engine}").exists()
    assert (site.describe()["Status"], site.tables()) == ("stopped", {})
    start(site, "resume-processing")
    api.dms.control.handle({"order": "fail", "task": "cutover-gogs", "message": "the tape broke"})
    wait_until(lambda: site.describe()["Status"] == "failed")
    api.dms.control.handle({"order": "halt", "task": site.task})
    rested = site.describe()
    assert rested["Status"] == "stopped"
    assert "LastFailureMessage" not in rested
    start(site, "resume-processing")


def test_a_secret_is_read_at_use_only(api: Api, account: FakeAccount) -> None:
    account.secrets["target-secret"] = {**LOGIN, "password": "wrong"}
    site = Site(api)
    made = {one["EndpointIdentifier"]: one for one in api("DescribeEndpoints")["Endpoints"]}
    assert "Username" not in made["site-source"]
    wait_until(lambda: site.connections()["site-target"]["Status"] == "failed")
    assert "Access denied" in site.connections()["site-target"]["LastFailureMessage"]
    asked = {"ReplicationTaskArn": site.task, "StartReplicationTaskType": "start-replication"}
    code, message = api.refused("StartReplicationTask", **asked)
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
        ({"Username": "u", "Password": "p", "ServerName": "h", "Port": 1, "SslMode": "verify-full"}, "UnsupportedOperation"),
        ({"Username": "u", "Password": "p", "ServerName": "h", "Port": 1, "SslMode": "require"}, "InvalidParameterValueException"),
        ({"EngineName": "oracle"}, "UnsupportedOperation"),
    ],
)  # fmt: skip
def test_endpoints_that_are_refused(api: Api, more: dict[str, Any], code: str) -> None:
    asked = {"EndpointIdentifier": "e", "EndpointType": "source", "EngineName": "mysql", **more}
    assert api.refused("CreateEndpoint", **asked)[0] == code


def test_a_password_is_never_shown(api: Api) -> None:
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


def test_what_is_in_use_cannot_be_deleted(site: Site, api: Api, network: FakeNetwork) -> None:
    assert api.refused("DeleteEndpoint", EndpointArn=site.source)[0] == "InvalidResourceStateFault"
    assert (
        api.refused("DeleteReplicationInstance", ReplicationInstanceArn=site.instance)[0] == "InvalidResourceStateFault"
    )
    assert (
        api.refused("DeleteReplicationSubnetGroup", ReplicationSubnetGroupIdentifier="group")[0]
        == "InvalidResourceStateFault"
    )
    api("DeleteReplicationTask", ReplicationTaskArn=site.task)
    api("DeleteEndpoint", EndpointArn=site.source)
    api("DeleteReplicationInstance", ReplicationInstanceArn=site.instance)
    api("DeleteReplicationSubnetGroup", ReplicationSubnetGroupIdentifier="group")
    assert network.places == {}


def test_modifications(site: Site, api: Api, network: FakeNetwork) -> None:
    changed = api(
        "ModifyReplicationTask",
        ReplicationTaskArn=site.task,
        ReplicationTaskSettings=json.dumps({"TargetMetadata": {"LobMaxSize": 64}}),
    )
    settings = json.loads(changed["ReplicationTask"]["ReplicationTaskSettings"])
    assert settings["TargetMetadata"]["LobMaxSize"] == 64
    assert settings["ValidationSettings"]["EnableValidation"], "what is not given stays"
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
    assert "site-source" not in site.connections(), "has to be tested again"


def test_mappings_and_settings_that_are_refused(site: Site, api: Api) -> None:
    asked = {"ReplicationTaskIdentifier": "x", "SourceEndpointArn": site.source, "TargetEndpointArn": site.target,
             "ReplicationInstanceArn": site.instance, "MigrationType": "cdc"}  # fmt: skip
    assert api.refused("CreateReplicationTask", **asked, TableMappings="{}")[0] == "InvalidParameterValueException"
    transformed = json.dumps({"rules": [{"rule-type": "transformation"}]})
    assert api.refused("CreateReplicationTask", **asked, TableMappings=transformed)[0] == "UnsupportedOperation"
    bad = {"TableMappings": MAPPINGS, "ReplicationTaskSettings": '{"What": {}}'}
    assert api.refused("CreateReplicationTask", **asked, **bad)[0] == "InvalidParameterValueException"


def test_tags(site: Site, api: Api) -> None:
    api("AddTagsToResource", ResourceArn=site.task, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    api("RemoveTagsFromResource", ResourceArn=site.task, TagKeys=["a"])
    assert [(t["Key"], t["Value"]) for t in api("ListTagsForResource", ResourceArn=site.task)["TagList"]] == [
        ("b", "2")
    ]
    assert api.refused("ListTagsForResource", ResourceArn="arn:nothing")[0] == "ResourceNotFoundFault"


def test_latencies_have_both_dimensions(site: Site, api: Api) -> None:
    start(site)
    found = wait_until(lambda: api.dms.metrics.data())
    assert [(one["MetricName"], one["Value"]) for one in found] == [
        ("CDCLatencySource", 0.0),
        ("CDCLatencyTarget", 1.5),
    ]
    dimensions = {one["Name"]: one["Value"] for one in found[0]["Dimensions"]}
    assert dimensions == {"ReplicationInstanceIdentifier": "cutover-gogs", "ReplicationTaskIdentifier": "cutover-gogs"}
