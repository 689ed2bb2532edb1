"""A replication task from its start to its end, with a script in place of the engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.dms.control_plane import start
from tests.unit.dms.fakes import Api, Site
from tests.waiting import wait_until


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


def test_latency_metrics_have_the_dimensions_of_instance_and_task(site: Site, api: Api) -> None:
    start(site)
    found = wait_until(lambda: api.dms.metrics.build_data())
    assert [(one["MetricName"], one["Value"]) for one in found] == [
        ("CDCLatencySource", 0.0),
        ("CDCLatencyTarget", 1.5),
    ]
    dimensions = {one["Name"]: one["Value"] for one in found[0]["Dimensions"]}
    assert dimensions == {"ReplicationInstanceIdentifier": "cutover-gogs", "ReplicationTaskIdentifier": "cutover-gogs"}
