"""The API of DMS with real servers: what a client of AWS sees of a migration."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from rehearsal.dms.control import send_command
from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.dms.test_replication import copy_schema
from tests.rehearsal.dms.writer import Writer, fill
from tests.unit.dms.fakes import Api, FakeAccount, Site
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal
STRICT = {
    "TargetMetadata": {"FullLobMode": True, "LimitedSizeLobMode": False},
    "FullLoadSettings": {"TargetTablePrepMode": "DO_NOTHING"},
    "ValidationSettings": {"EnableValidation": True},
    "ErrorBehavior": {"TableErrorPolicy": "STOP_TASK", "ApplyErrorUpdatePolicy": "STOP_TASK"},
}


def migrate(source: DatabaseServer, target: DatabaseServer, api: Api, **settings: Any) -> Site:
    """Create a site whose tables are loaded and followed."""
    fill(source, "site")
    copy_schema(source, target, "site")
    site = Site(api, settings={**STRICT, **settings})
    wait_until(lambda: all(one["Status"] == "successful" for one in site.connections().values()))
    api("StartReplicationTask", ReplicationTaskArn=site.task, StartReplicationTaskType="start-replication")
    wait_until(lambda: is_loaded(site))
    return site


def is_loaded(site: Site) -> bool:
    tables = site.tables().values()
    return (
        site.describe()["Status"] == "running"
        and bool(tables)
        and all(t["TableState"] == "Table completed" for t in tables)
    )


def test_a_task_loads_follows_stops_and_resumes(
    source: DatabaseServer, target: DatabaseServer, api: Api, account: FakeAccount
) -> None:
    site = migrate(source, target, api)
    with Writer(source, "site", pause=0.02) as writer:
        writer.wait_for_more(50)
    wait_until(lambda: all(t["ValidationState"] == "Validated" for t in site.tables().values()))
    task = site.describe()
    assert task["ReplicationTaskStats"]["FullLoadProgressPercent"] == 100
    assert task["ReplicationTaskStats"]["TablesLoaded"] == 2
    # The engine does not read the secrets again while it runs
    reads = len(account.reads)
    api("StopReplicationTask", ReplicationTaskArn=site.task)
    stopped = wait_until(lambda: (found := site.describe())["Status"] == "stopped" and found)
    assert stopped["StopReason"] == "Stop Reason NORMAL"
    assert len(account.reads) == reads
    assert target.digest("site") == source.digest("site")
    # And the task resumes from its position
    source.run("UPDATE site.account SET balance = balance + 1 WHERE id = 3")
    api("StartReplicationTask", ReplicationTaskArn=site.task, StartReplicationTaskType="resume-processing")
    before = next(int(t["AppliedUpdates"]) for n, t in site.tables().items() if n == "account")
    wait_until(lambda: site.tables()["account"]["AppliedUpdates"] > before)
    assert target.digest("site") == source.digest("site")
    api("StopReplicationTask", ReplicationTaskArn=site.task)
    wait_until(lambda: site.describe()["Status"] == "stopped")
    api("DeleteReplicationTask", ReplicationTaskArn=site.task)


def test_a_killed_engine_restarts_and_loses_no_row(
    source: DatabaseServer, target: DatabaseServer, api: Api, tmp_path: Path
) -> None:
    site = migrate(source, target, api)
    pid = tmp_path / "dms" / "cutover-gogs" / "engine.pid"
    first = int(pid.read_text())
    with Writer(source, "site", pause=0.02) as writer:
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: pid.exists() and int(pid.read_text() or first) != first)
        writer.wait_for_more(50)
    assert site.describe()["Status"] == "running"
    api("StopReplicationTask", ReplicationTaskArn=site.task)
    wait_until(lambda: site.describe()["Status"] == "stopped")
    assert target.digest("site") == source.digest("site")


def test_injected_faults_show_in_metrics_and_status(
    source: DatabaseServer, target: DatabaseServer, api: Api, tmp_path: Path
) -> None:
    site = migrate(source, target, api)
    folder = tmp_path / "dms"
    # Lag delays the change, and the metric shows it
    assert send_command(folder, {"order": "lag", "task": "cutover-gogs", "seconds": 2.5})["ok"]
    source.run("UPDATE site.account SET balance = 5 WHERE id = 1")
    began = time.monotonic()
    wait_until(lambda: send_command(folder, {"order": "status"})["tasks"][0]["latency_target"] >= 1)
    assert api.dms.metrics.build_data()[1]["Dimensions"] == [
        {"Name": "ReplicationInstanceIdentifier", "Value": "cutover-gogs"},
        {"Name": "ReplicationTaskIdentifier", "Value": "cutover-gogs"},
    ]
    wait_until(lambda: target.query("SELECT balance FROM site.account WHERE id = 1") == [(5,)])
    assert time.monotonic() - began > 1.5
    send_command(folder, {"order": "lag", "task": "cutover-gogs", "seconds": 0})
    # A failed task reports the reason
    assert not send_command(folder, {"order": "fail", "task": "nobody", "message": "x"})["ok"]
    send_command(folder, {"order": "fail", "task": "cutover-gogs", "message": "the disk broke"})
    failed = wait_until(lambda: (found := site.describe())["Status"] == "failed" and found)
    assert failed["LastFailureMessage"] == "Last Error the disk broke"
    # A failed task can be resumed
    api("StartReplicationTask", ReplicationTaskArn=site.task, StartReplicationTaskType="resume-processing")
    wait_until(lambda: site.describe()["Status"] == "running")


def test_a_wrong_password_or_a_missing_secret_fails_the_connection_test(api: Api, account: FakeAccount) -> None:
    account.secrets["source-secret"] = {**account.secrets["source-secret"], "password": "wrong"}
    del account.secrets["target-secret"]
    site = Site(api)
    wait_until(lambda: all(one["Status"] == "failed" for one in site.connections().values()))
    assert "Access denied for user" in site.connections()["site-source"]["LastFailureMessage"]
    assert "can't find the specified secret" in site.connections()["site-target"]["LastFailureMessage"]
    code, message = api.get_error(
        "StartReplicationTask", ReplicationTaskArn=site.task, StartReplicationTaskType="start-replication"
    )
    assert code == "InvalidResourceStateFault"
    assert "Test connection" in message


def test_an_assessment_run_checks_the_settings_of_the_servers(
    source: DatabaseServer, api: Api, account: FakeAccount
) -> None:
    fill(source, "site")
    source.run("INSERT INTO site.issue (`index`, content) VALUES (1, REPEAT('x', 60000))")
    source.run("CREATE TABLE site.loose (a INT)", "SET GLOBAL binlog_row_image = MINIMAL")
    try:
        site = Site(api)  # default settings: limited LOB mode
        run = api(
            "StartReplicationTaskAssessmentRun",
            ReplicationTaskArn=site.task,
            ServiceAccessRoleArn="arn:aws:iam::000000000000:role/x",
            ResultLocationBucket="bucket",
            AssessmentRunName="first",
        )["ReplicationTaskAssessmentRun"]
        wanted = [{"Name": "replication-task-assessment-run-arn", "Values": [run["ReplicationTaskAssessmentRunArn"]]}]
        done = wait_until(
            lambda: (
                (
                    found := api("DescribeReplicationTaskAssessmentRuns", Filters=wanted)[
                        "ReplicationTaskAssessmentRuns"
                    ][0]
                )["Status"]
                != "running"
                and found
            )
        )
        found = api("DescribeReplicationTaskIndividualAssessments", Filters=wanted)[
            "ReplicationTaskIndividualAssessments"
        ]
        results = {one["IndividualAssessmentName"]: one["Status"] for one in found}
    finally:
        source.run("SET GLOBAL binlog_row_image = FULL")
    assert done["Status"] == "failed"
    assert results["mysql-check-binlog-format"] == "passed"
    assert results["mysql-check-binlog-image"] == "failed"
    assert results["mysql-check-replication-privileges"] == "passed"
    assert results["table-with-no-primary-key-or-unique-constraint"] == "warning"
    assert results["large-objects-exceed-limit"] == "failed"
    assert list(account.reports) == ["bucket/first/cutover-gogs.json"]
