"""What of a suspended run the next run may take over: decided from the record alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from common.run import Run
from common.suspension import Checkpoint, Suspension
from procedure.logic.resume import find_rejection_reason
from procedure.validities import LAUNCHED, VALIDITIES

NOW = 1_800_000_000.0
CHECKPOINT = Checkpoint(
    launched_by="m1-c-1",
    cutover_id="m1",
    fingerprint="f",
    source_server_id="s-1",
    job_id="j-1",
    instance_id="i-1",
    finished=dict.fromkeys(LAUNCHED, NOW - 60),
)
SUSPENSION = Suspension(run_id="m1-c-1", phase="Verify", since=NOW - 60, until=NOW + 3600, checkpoint=CHECKPOINT)
FIRST = LAUNCHED[0]


def find(suspension: Suspension, *, now: float = NOW, kind: str = "cutover") -> str:
    run = Run.parse({"run_id": "m1-c-2", "kind": kind, "cutover_id": "m1", "target": {}})
    return find_rejection_reason(suspension, run, fingerprint="f", source_server_id="s-1", now=now)


def test_a_fresh_replica_of_the_same_site_can_be_taken_over() -> None:
    assert find(SUSPENSION) == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cutover_id": "m0"}, "it belongs to cutover_id m0"),
        ({"source_server_id": "s-2"}, "it is a replica of another source server"),
        ({"fingerprint": "g"}, "have changed since its launch"),
        ({"finished": {}}, f"its step {FIRST} was not finished"),
        ({"finished": dict.fromkeys(LAUNCHED, NOW - VALIDITIES[FIRST].seconds - 1)}, f"its step {FIRST} is older than"),
    ],
)
def test_another_replica_is_not_taken_over(change: dict[str, object], words: str) -> None:
    checkpoint = replace(CHECKPOINT, **change)  # type: ignore[arg-type]

    assert words in find(replace(SUSPENSION, checkpoint=checkpoint))


def test_a_replica_is_not_taken_over_at_the_end_of_its_time() -> None:
    assert "it was kept until" in find(SUSPENSION, now=SUSPENSION.until)


def test_a_test_launch_takes_no_replica_over() -> None:
    assert find(SUSPENSION, kind="test-launch") == "a test launch needs a replica of its own"
