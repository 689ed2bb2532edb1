"""Every write of the run record, in every state of a run: it takes effect in exactly the states that its condition permits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from common.clients.run_record import COMMIT, THAW
from common.clients.runs import Runs
from common.errors import CutoverError
from common.suspension import Checkpoint

from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.dynamo import FakeDynamo

RUN, OTHER = "r1", "r2"
LOCK_SECONDS = 900
LONG_SECONDS = 5000
"""longer than the lock: of the lease and of the wait for a report"""
CHECKPOINT = Checkpoint(
    launched_by=RUN, cutover_id="m1", fingerprint="f", source_server_id="s-1", job_id="j-1", instance_id="i-1"
)


@dataclass
class Scene:
    """The record of a run that has acquired the lock."""

    clock: FakeClock
    dynamo: FakeDynamo
    runs: Runs

    def set_text(self, attribute: str, text: str) -> None:
        self.dynamo.items["gogs"][attribute] = {"S": text}


@pytest.fixture
def scene() -> Scene:
    clock, dynamo = FakeClock(), FakeDynamo()
    runs = Runs(dynamo, "runs", "gogs", clock=clock)  # type: ignore[arg-type]
    runs.acquire(RUN, "cutover", seconds=LOCK_SECONDS)
    return Scene(clock, dynamo, runs)


def freeze(scene: Scene) -> None:
    scene.runs.write_freeze_lease(RUN, expires=scene.clock.now() + LONG_SECONDS)


def expect_report(scene: Scene) -> None:
    until = scene.clock.now() + LONG_SECONDS
    scene.runs.update_facts(RUN, expected_report="TEST", expected_report_until=until)


def await_go(scene: Scene) -> None:
    scene.runs.request_go(RUN)


def give_go(scene: Scene) -> None:
    await_go(scene)
    assert scene.runs.give_go(RUN, by="somebody")


STATES: dict[str, Callable[[Scene], Any]] = {
    "running": lambda _scene: None,
    "requested to stop": lambda scene: scene.runs.request_abort(RUN, "deleted"),
    "its lock has expired": lambda scene: scene.clock.sleep(LOCK_SECONDS + 1),
    "released": lambda scene: scene.runs.release(RUN),
    "thawed": lambda scene: scene.set_text("decision", THAW),
    "rolled back": lambda scene: scene.runs.roll_back(RUN),
    "committed": lambda scene: scene.set_text("decision", COMMIT),
    "another run has the record": lambda scene: scene.set_text("run_id", OTHER),
}
UNDECIDED = {"running", "requested to stop", "its lock has expired", "released"}
DECIDED = {"thawed", "rolled back", "committed"}
HELD_UNDECIDED = UNDECIDED - {"released"}
OWN = UNDECIDED | DECIDED


@dataclass(frozen=True)
class Write:
    """One write, what must be in the record before it, and the states in which it takes effect."""

    perform: Callable[[Runs], Any]
    permitted: set[str]
    prepare: Callable[[Scene], Any] = lambda _scene: None


WRITES: dict[str, Write] = {
    "renew_lock": Write(
        lambda runs: runs.renew_lock(RUN, "verify", seconds=LOCK_SECONDS, heed_abort=True), OWN - {"released"}
    ),
    "update_facts": Write(lambda runs: runs.update_facts(RUN, waiting_for="something"), OWN),
    "write_freeze_lease": Write(lambda runs: runs.write_freeze_lease(RUN, expires=LONG_SECONDS), UNDECIDED),
    "commit": Write(lambda runs: runs.commit(RUN, margin=20), {"running"}, freeze),
    "roll_back": Write(lambda runs: runs.roll_back(RUN), OWN - {"committed"}),
    "request_abort": Write(lambda runs: runs.request_abort(RUN, "by the operator"), HELD_UNDECIDED),
    "request_go": Write(lambda runs: runs.request_go(RUN), HELD_UNDECIDED - {"requested to stop"}),
    "give_go": Write(lambda runs: runs.give_go(RUN, by="me"), HELD_UNDECIDED - {"requested to stop"}, await_go),
    "hold": Write(lambda runs: runs.hold(RUN, by="me"), HELD_UNDECIDED, give_go),
    "begin_window": Write(
        lambda runs: runs.begin_window(RUN, needs_go=True), HELD_UNDECIDED - {"requested to stop"}, give_go
    ),
    "accept_report": Write(
        lambda runs: runs.accept_report(RUN, "TEST", "i-1", {"outcome": "pass"}), UNDECIDED, expect_report
    ),
    "claim_message": Write(lambda runs: runs.claim_message(RUN, "started"), OWN),
    "save_checkpoint": Write(lambda runs: runs.save_checkpoint(RUN, CHECKPOINT), HELD_UNDECIDED),
    "release": Write(lambda runs: runs.release(RUN), OWN - {"released"}),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", WRITES)
def test_a_write_takes_effect_in_exactly_the_permitted_states(scene: Scene, name: str, state: str) -> None:
    write = WRITES[name]
    write.prepare(scene)
    STATES[state](scene)
    scene.clock.sleep(1)  # so that a time that is written again differs
    before = dict(scene.dynamo.items["gogs"])

    with suppress(CutoverError):
        write.perform(scene.runs)

    assert (scene.dynamo.items["gogs"] != before) is (state in write.permitted)


def test_a_request_to_stop_is_not_heeded_after_the_decision(scene: Scene) -> None:
    """The roll back, or the steps after the commit, must go on."""
    scene.runs.request_abort(RUN, "deleted")
    scene.runs.roll_back(RUN)

    assert scene.runs.renew_lock(RUN, "rollback-source", seconds=LOCK_SECONDS, heed_abort=True).abort == "deleted"


def test_the_commit_of_another_run_is_not_taken_for_the_own_one(scene: Scene) -> None:
    freeze(scene)
    scene.set_text("run_id", OTHER)
    scene.set_text("decision", COMMIT)

    with pytest.raises(CutoverError, match="commit refused"):
        scene.runs.commit(RUN, margin=20)


def test_a_repeated_report_is_not_accepted_after_the_decision(scene: Scene) -> None:
    expect_report(scene)
    assert scene.runs.accept_report(RUN, "TEST", "i-1", {"outcome": "pass"})
    scene.runs.roll_back(RUN)

    assert scene.runs.accept_report(RUN, "TEST", "i-1", {"outcome": "pass"}) is None
