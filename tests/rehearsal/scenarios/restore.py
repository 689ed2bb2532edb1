"""The rows and the files of the site that stays are restored by the commands of the runbook, and nothing else.

The tests need a migrated site, and each continues where the former ended. `make scenarios` runs them after
permanence.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal.client import ledger
from tests.rehearsal.scenarios.deploys import request_run
from tests.rehearsal.scenarios.fault_injection import wait_for
from tests.rehearsal.scenarios.permanence import (
    PERMANENT,
    REPLACE_SECONDS,
    WRITES,
    are_all_healthy,
    list_servers,
    list_stacks,
    require_writes,
)
from tests.rehearsal.scenarios.runbook import Shell
from tests.rehearsal.scenarios.stage import Stage

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(1200)]
KEPT = (
    "Endpoint",
    "MultiAZ",
    "VpcSecurityGroups",
    "DBParameterGroups",
    "DBSubnetGroup",
    "MaxAllocatedStorage",
    "EnabledCloudwatchLogsExports",
    "BackupRetentionPeriod",
    "CopyTagsToSnapshot",
    "PubliclyAccessible",
)
"""What the commands of the runbook must give the restored instance."""
TOOL = "/opt/cutover/bin/cutover-site"


@pytest.fixture(scope="module")
def shell(stage: Stage) -> Iterator[Shell]:
    with Shell(stage.job.environment, stage.settings.logs / "runbook.log") as shell:
        shell.run("Restore")
        yield shell


@pytest.fixture(scope="module")
def before() -> dict[str, Any]:
    """Facts of the moment of the snapshot, and of the moment before the exchange."""
    return {}


def read_digests(lines: list[str], count: int) -> list[dict[str, Any]]:
    """Return the results of the tool in the output of a comparison."""
    found = [json.loads(line) for line in lines if line.startswith("{")]
    assert len(found) == count, lines
    assert all(one["ok"] for one in found), found
    return found


def digest_live(shell: Shell) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the tool's digests of the rows and of the files that the site uses."""
    commands = [
        f'on "$SERVER" "{TOOL} digest-database --side target"',
        f'on "$SERVER" "{TOOL} digest-files --side live"',
    ]
    rows, files = read_digests(shell.run_text("\n".join(commands), "the digests of the live data"), 2)
    return rows, files


def describe_database(stage: Stage, identifier: str) -> dict[str, Any]:
    (found,) = stage.aws.make_client("rds").describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"]
    return dict(found)


def test_a_snapshot_and_a_backup_are_taken_of_the_site(stage: Stage, shell: Shell, before: dict[str, Any]) -> None:
    # Given a migrated site, and a client that has written and has stopped
    if list_stacks(stage) != PERMANENT and stage.get_run_record().get("decision") != "commit":
        request_run(stage, "restored")
        stage.job.migrate()
    stage.stop_writing()
    stage.start_writing()
    require_writes(stage)
    stage.stop_writing()
    before["writers"] = stage.writers.run
    # When the operator takes a snapshot and a backup
    shell.run("The role of AWS Backup")
    shell.run("A snapshot and a backup by hand")
    before["rows"], before["files"] = digest_live(shell)
    # Then both can be chosen
    listed = shell.run("Choose what to restore")
    assert [line.partition("-")[0] for line in listed if ":recovery-point:" not in line] == ["gogs"]
    assert len([line for line in listed if ":recovery-point:" in line]) == 1
    # And the site is used afterwards
    stage.start_writing()
    require_writes(stage)
    stage.stop_writing()
    before["later"] = [one for one in ledger.read(stage.writers.ledger) if one.acknowledged and one.writes]
    assert len(before["later"]) >= WRITES


def test_the_restored_rows_and_files_are_those_of_the_snapshot(shell: Shell, before: dict[str, Any]) -> None:
    # When the operator restores both beside the live data, and compares them
    shell.run("Choose what to restore", 1)
    shell.run("Restore beside the live data")
    live_rows, restored_rows, live_files, restored_files = read_digests(shell.run("Compare"), 4)
    # Then they are those of the snapshot, and not what the site has now, because the client wrote since
    assert restored_rows["digest"] == before["rows"]["digest"] != live_rows["digest"]
    assert restored_rows["count"] == live_rows["count"] > 0
    assert 0 < restored_rows["rows"] < live_rows["rows"]
    assert restored_files["digests"] == before["files"]["digests"] != live_files["digests"]


def test_the_site_serves_the_restored_data_at_the_same_address(
    stage: Stage, shell: Shell, before: dict[str, Any]
) -> None:
    # Given the database that CloudFormation knows
    (name,) = shell.run_text('echo "$DATABASE"', "the name")
    was, servers = describe_database(stage, name), list_servers(stage).keys()
    # When the operator exchanges the data
    shell.run("Stop the servers")
    shell.run("Exchange the data", 0)
    shell.run("Exchange the data", 1)
    rows, files = digest_live(shell)
    shell.run("Start the servers")
    # Then the same servers serve what was restored, at the address that they know
    assert rows["digest"] == before["rows"]["digest"]
    assert files["digests"] == before["files"]["digests"]
    wait_for("two healthy servers", REPLACE_SECONDS, lambda: are_all_healthy(stage))
    assert list_servers(stage).keys() == servers
    found = describe_database(stage, name)
    assert found["DbiResourceId"] != was["DbiResourceId"]
    assert {key: found[key] for key in KEPT} == {key: was[key] for key in KEPT}


def test_every_write_from_before_the_snapshot_is_there(stage: Stage, before: dict[str, Any]) -> None:
    stage.writers.run, later = before["writers"], stage.writers.run
    kept = stage.writers.check()
    assert kept["acknowledged_writes"] >= WRITES
    assert kept["lost"] == []
    # And those from afterwards are gone, so that it is not the live data that was compared
    stage.writers.run = later
    gone = stage.writers.check()
    assert len(gone["lost"]) > 0
    # And the site takes writes
    stage.start_writing()
    require_writes(stage)
    stage.stop_writing()
    assert stage.writers.check()["lost"] == []


def test_a_later_deploy_changes_the_restored_database(stage: Stage, shell: Shell) -> None:
    # Given other settings of the database
    (name,) = shell.run_text('echo "$DATABASE"', "the name")
    resource = describe_database(stage, name)["DbiResourceId"]
    file = stage.settings.home / "migration.toml"
    file.write_text(file.read_text().replace("[database]\n", "[database]\nbackup_days = 11\n"))
    # When the user deploys DataStack
    stage.job.deploy("DataStack")
    # Then CloudFormation has changed the restored instance, and replaced nothing
    found = describe_database(stage, name)
    assert (found["DbiResourceId"], found["BackupRetentionPeriod"]) == (resource, 11)
    assert are_all_healthy(stage)


def test_the_former_data_are_removed_when_nobody_needs_them(stage: Stage, shell: Shell) -> None:
    shell.run("Afterwards")
    wait_for("one database", 60, lambda: len(stage.aws.make_client("rds").describe_db_instances()["DBInstances"]) == 1)
    folders = shell.run_text('on "$SERVER" "ls /mnt/efs"', "the folders")
    assert {name for name in folders if name} == {"live", "scratch"}
    stage.start_writing()
    require_writes(stage)
    stage.stop_writing()
