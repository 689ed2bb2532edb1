"""What MGN keeps in EC2 for a source server: its own while the server replicates, orphaned 90 minutes after the end."""

from __future__ import annotations

from typing import Any

import pytest
from common.clients.mgn import list_staging
from common.clients.resources import Finding

from tests.unit.mgn.conftest import Stage
from tests.unit.mgn.wire import Account
from tests.unit.operate.resources_simulator import ResourcesSimulator

MANAGED = {"AWSApplicationMigrationServiceManaged": "mgn.amazonaws.com"}
MINUTE = 60.0


@pytest.fixture
def kept(stage: Stage) -> ResourcesSimulator:
    """A replication server that several source servers may use, and a disk of this one."""
    simulator = ResourcesSimulator()
    simulator.add("i-1", "running", tags={**MANAGED, "Name": "AWS Application Migration Service Replication Server"})
    simulator.add("vol-1", tags=of_server(stage))
    return simulator


def of_server(stage: Stage) -> dict[str, str]:
    return {**MANAGED, "AWSApplicationMigrationServiceSourceServerID": stage.server_id}


def find(stage: Stage, kept: ResourcesSimulator) -> dict[str, Finding]:
    account = Account({"mgn": stage.mgn, "ec2": kept})
    return {one.resource.resource_id: one for one in list_staging(account, stage.clock, "gogs")}


def finalize(stage: Stage, **life_cycle: Any) -> None:
    server = stage.mgn.servers[stage.server_id]
    finalized = {"lastCutover": {"finalized": {"apiCallDateTime": stage.mgn.now()}}}
    server["lifeCycle"] |= {"state": "CUTOVER", **finalized, **life_cycle}
    server["isArchived"] = True


def test_what_a_replicating_server_uses_stays(stage: Stage, kept: ResourcesSimulator) -> None:
    found = find(stage, kept)

    assert [one.is_removable for one in found.values()] == [False, False]
    assert "other source servers may use it" in found["i-1"].reason
    assert found["vol-1"].reason.endswith("is READY_FOR_TEST: MGN uses it")


def test_after_the_end_mgn_has_ninety_minutes_to_remove_it(stage: Stage, kept: ResourcesSimulator) -> None:
    finalize(stage)
    stage.clock.sleep(89 * MINUTE)
    assert "MGN removes it by itself until" in find(stage, kept)["vol-1"].reason

    stage.clock.sleep(2 * MINUTE)

    found = find(stage, kept)
    assert found["vol-1"].is_removable
    assert "MGN has not removed it" in found["vol-1"].reason
    assert not found["i-1"].is_removable


def test_a_disk_that_an_instance_uses_stays_also_then(stage: Stage, kept: ResourcesSimulator) -> None:
    finalize(stage)
    stage.clock.sleep(91 * MINUTE)
    kept.kept["vol-1"]["state"] = "in-use"
    assert not find(stage, kept)["vol-1"].is_removable

    kept.kept["vol-1"] |= {"state": "available", "tags": {**of_server(stage), "env": "prod"}}
    assert "it has the tag env=prod" in find(stage, kept)["vol-1"].reason


def test_an_end_at_an_unknown_time_is_left_to_the_operator(stage: Stage, kept: ResourcesSimulator) -> None:
    finalize(stage, lastCutover={}, lastSeenByServiceDateTime=None)
    del stage.mgn.servers[stage.server_id]["lifeCycle"]["lastSeenByServiceDateTime"]
    assert "at an unknown time" in find(stage, kept)["vol-1"].reason


def test_what_belongs_to_another_server_or_to_a_replica_is_not_listed(stage: Stage, kept: ResourcesSimulator) -> None:
    kept.add("vol-2", tags={**MANAGED, "AWSApplicationMigrationServiceSourceServerID": "s-00000000000000099"})
    kept.add("i-2", "running", tags={**of_server(stage), "cutover:role": "replica"})
    kept.add("snap-2", tags={})

    assert set(find(stage, kept)) == {"i-1", "vol-1"}


@pytest.mark.parametrize("identifier", ["i-9", "ami-9"])
def test_a_machine_that_somebody_else_has_launched_of_an_earlier_server_is_never_removed(
    stage: Stage, kept: ResourcesSimulator, identifier: str
) -> None:
    """Given an earlier migration of a server of this name, its machine and images of it have the tags of MGN, and the machine is in production."""
    kept.add(identifier, "running" if identifier == "i-9" else "available", tags=of_server(stage))
    finalize(stage)
    stage.clock.sleep(91 * MINUTE)

    found = find(stage, kept)

    assert not found[identifier].is_removable
    assert f"was launched of {stage.server_id}" in found[identifier].reason
    assert found["vol-1"].is_removable


@pytest.mark.parametrize("tag", ["aws:backup:source-resource", "aws:dlm:lifecycle-policy-id"])
def test_a_backup_of_a_launched_machine_is_never_removed(stage: Stage, kept: ResourcesSimulator, tag: str) -> None:
    """Both services copy the tags of what they back up."""
    kept.add("snap-9", "completed", tags={**of_server(stage), tag: "policy-1"})
    finalize(stage)
    stage.clock.sleep(91 * MINUTE)

    assert not find(stage, kept)["snap-9"].is_removable
    assert "it is a backup" in find(stage, kept)["snap-9"].reason


def test_an_account_without_mgn_has_nothing_of_it(stage: Stage, kept: ResourcesSimulator) -> None:
    stage.mgn.initialized = False
    assert find(stage, kept) == {}
