"""Whether a source server may be launched: what time alone corrects, what an operator must correct, and the advice for each error."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from common.clients.mgn import Mgn
from common.clients.mgn.advice import ADVICE, UNKNOWN, advise
from common.clients.mgn.readiness import evaluate
from common.clients.mgn.times import parse_duration_seconds, parse_moment

from tests.unit.mgn.conftest import Stage
from tests.unit.mgn.wire import REGION

LIMIT = 1800


def look(stage: Stage, **changes: Any) -> tuple[str, str]:
    """What is waited for, and what blocks, after a change of the replication."""
    server = stage.mgn.servers[stage.server_id]
    server["dataReplicationInfo"] |= changes
    found = evaluate(server, now=stage.clock.now(), consistency_age=LIMIT)
    return "; ".join(found.waiting), "; ".join(found.blocked)


def test_a_server_with_continuous_replication_is_ready(stage: Stage, client: Mgn) -> None:
    readiness = client.check_readiness(stage.server_id, tested=False)

    assert (readiness.waiting, readiness.blocked) == ((), ())
    assert readiness.facts["rights_of_a_launch"] == "complete"


def test_rescanned_bytes_delay_nothing(stage: Stage) -> None:
    """A healthy server reports all of its bytes as rescanned."""
    disk = stage.mgn.servers[stage.server_id]["dataReplicationInfo"]["replicatedDisks"][0]
    assert disk["rescannedStorageBytes"] == disk["totalStorageBytes"]
    assert look(stage) == ("", "")


@pytest.mark.parametrize(
    "state", ["INITIATING", "INITIAL_SYNC", "BACKLOG", "CREATING_SNAPSHOT", "RESCAN", "PENDING_SNAPSHOT_SHIPPING"]
)
def test_a_state_that_passes_is_waited_for_and_named(stage: Stage, state: str) -> None:
    waiting, blocked = look(stage, dataReplicationState=state)
    assert (f"its replication is {state}" in waiting, blocked) == (True, "")


def test_the_progress_of_the_initial_sync_is_shown(stage: Stage) -> None:
    disks = [
        {"totalStorageBytes": 200, "replicatedStorageBytes": 50},
        {"totalStorageBytes": 200, "replicatedStorageBytes": 50},
    ]
    waiting, _ = look(
        stage, dataReplicationState="INITIAL_SYNC", replicatedDisks=disks, etaDateTime="2027-01-15T09:00:00Z"
    )
    assert "INITIAL_SYNC, 25 % copied, its end is expected at 2027-01-15T09:00:00Z" in waiting


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lagDuration": None}, "no snapshot that can be launched"),
        ({"lagDuration": "PT2H"}, "is 7200 s behind, at most 1800 s"),
        ({"replicatedDisks": [{"backloggedStorageBytes": 7}, {"backloggedStorageBytes": 5}]}, "12 bytes of changes"),
        ({"lastSnapshotDateTime": "2027-01-15T07:00:00.000000+00:00"}, "the last snapshot is 3600 s old"),
    ],
)
def test_a_delay_is_waited_for(stage: Stage, changes: dict[str, Any], reason: str) -> None:
    waiting, blocked = look(stage, **changes)
    assert (reason in waiting, blocked) == (True, "")


def test_an_agent_that_was_not_seen_lately_is_waited_for(stage: Stage) -> None:
    stage.mgn.servers[stage.server_id]["lifeCycle"]["lastSeenByServiceDateTime"] = "2027-01-15T07:00:00Z"
    assert "last sign of its agent is 3600 s old" in look(stage)[0]


@pytest.mark.parametrize(
    ("state", "reason"), [("PAUSED", "paused"), ("STOPPED", "stopped"), ("DISCONNECTED", "disconnected from MGN")]
)
def test_a_state_that_an_operator_must_change_blocks(stage: Stage, state: str, reason: str) -> None:
    assert reason in look(stage, dataReplicationState=state)[1]


@pytest.mark.parametrize("state", ["STOPPED", "DISCONNECTED", "CUTOVER", "DISCOVERED", "PENDING_INSTALLATION"])
def test_a_life_cycle_that_cannot_be_launched_blocks(stage: Stage, state: str) -> None:
    stage.state = state
    assert look(stage)[1]


def test_a_stalled_replication_blocks_with_error_failed_step_and_advice(stage: Stage) -> None:
    steps = [
        {"name": "WAIT", "status": "SUCCEEDED"},
        {"name": "PAIR_REPLICATION_SERVER_WITH_AGENT", "status": "FAILED"},
    ]
    _, blocked = look(
        stage,
        dataReplicationState="STALLED",
        dataReplicationError={"error": "FAILED_TO_PAIR_REPLICATION_SERVER_WITH_AGENT", "rawError": "timed out"},
        dataReplicationInitiation={"steps": steps},
    )
    assert blocked == (
        "its replication is stalled: FAILED_TO_PAIR_REPLICATION_SERVER_WITH_AGENT; timed out; failed step "
        "PAIR_REPLICATION_SERVER_WITH_AGENT; check TCP 1500 from the source to the replication server's address and security group"
    )


def test_a_step_that_the_service_tries_again_is_waited_for_with_the_time_of_the_attempt(stage: Stage) -> None:
    initiation = {
        "nextAttemptDateTime": "2027-01-15T08:05:00Z",
        "steps": [{"name": "BOOT_REPLICATION_SERVER", "status": "FAILED"}],
    }
    waiting, blocked = look(stage, dataReplicationState="INITIATING", dataReplicationInitiation=initiation)
    assert "failed step BOOT_REPLICATION_SERVER; next attempt 2027-01-15T08:05:00Z" in waiting
    assert blocked == ""


def test_every_error_of_the_service_model_has_advice_of_its_own() -> None:
    model = boto3.client("mgn", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x").meta.service_model
    errors = set(model.shape_for("DataReplicationErrorString").metadata["enum"])

    assert errors <= set(ADVICE)
    assert all(advise(error) != UNKNOWN and "\n" not in advise(error) for error in errors)
    assert advise("AN_ERROR_OF_NEXT_YEAR") == UNKNOWN


def test_a_server_that_was_never_tested_blocks_a_cutover_only(stage: Stage, client: Mgn) -> None:
    assert client.check_readiness(stage.server_id, tested=True).blocked == ("it was never launched for a test",)
    assert client.check_readiness(stage.server_id, tested=False).blocked == ()


def test_a_test_launch_counts_although_its_instance_was_removed_and_its_end_is_not_recorded(
    stage: Stage, client: Mgn
) -> None:
    stage.launch(client)
    stage.mgn.end(client.remove_replica(stage.server_id))

    assert stage.state == "READY_FOR_TEST"
    assert client.check_readiness(stage.server_id, tested=True).blocked == ()


def test_a_failed_test_launch_does_not_count(stage: Stage, client: Mgn) -> None:
    stage.mgn.capacity = False
    stage.launch(client)

    assert client.check_readiness(stage.server_id, tested=True).blocked == ("it was never launched for a test",)


def test_a_running_job_of_the_server_is_waited_for(stage: Stage, client: Mgn) -> None:
    job = client.launch(stage.server_id, "TEST", since=stage.since)

    assert client.check_readiness(stage.server_id, tested=False).waiting == (f"job {job} (START_TEST) of it to end",)


def test_frequent_polls_of_a_server_that_is_not_ready_call_the_api_seldom(stage: Stage, client: Mgn) -> None:
    replication = stage.mgn.servers[stage.server_id]["dataReplicationInfo"]
    replication["dataReplicationState"] = "INITIAL_SYNC"
    stage.mgn.calls.clear()
    for _ in range(100):
        assert client.check_readiness(stage.server_id, tested=False).waiting
        stage.clock.sleep(0.1)

    assert stage.mgn.count("DescribeSourceServers") <= 20
    replication["dataReplicationState"] = "CONTINUOUS"
    stage.clock.sleep(5)
    assert client.check_readiness(stage.server_id, tested=False).waiting == ()


def test_jobs_and_rights_are_looked_at_only_when_the_replication_is_ready(stage: Stage, client: Mgn) -> None:
    stage.mgn.servers[stage.server_id]["dataReplicationInfo"]["dataReplicationState"] = "INITIAL_SYNC"
    stage.mgn.calls.clear()

    client.check_readiness(stage.server_id, tested=False)

    assert [name for name, _ in stage.mgn.calls] == ["DescribeSourceServers"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("P0D", 0), ("PT16H20M38.697305S", 58838.697305), ("P1DT2H", 93600), ("PT5M", 300), ("P", None), ("", None), (None, None), ("later", None)],
)  # fmt: skip
def test_durations_are_read_in_the_forms_of_the_service(text: str | None, seconds: float | None) -> None:
    assert parse_duration_seconds(text) == seconds


def test_moments_are_read_with_an_offset_and_with_z() -> None:
    assert parse_moment("2022-08-31T14:33:26.983505+00:00") == parse_moment("2022-08-31T14:33:26.983505Z")
    assert parse_moment(None) is None
