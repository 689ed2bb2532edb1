"""The status of a run: what is read, and what it says may be done next."""

from __future__ import annotations

import json

import pytest
from common.clock import format_iso
from common.errors import StepFailed
from common.settings import Limits

from operate.output import Output
from operate.status import Plan, Status, StatusReader
from operate.watch import watch
from tests.unit.operate.sites import RUN, FakeSite, read_during
from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.gated import MANUAL, WHO, execute_gated, give_go_when_awaited
from tests.unit.procedure.world import World


def test_the_status_of_a_site_without_a_run_names_the_next_command() -> None:
    site = FakeSite()
    status = StatusReader(site, Plan(limits=Limits()), FakeClock()).read()

    assert not status.is_running
    assert status.allowed == ["npx cdk deploy MigrationStack: test, copy, compare and move the site"]
    assert status.to_json()["run"]["id"] == ""


def test_the_phases_have_their_times_and_the_step_that_runs() -> None:
    status = read_during("verify-files")

    phases = {phase.name: phase for phase in status.phases if not phase.in_window}
    assert phases["Preflight"].state == "done"
    assert phases["Preflight"].seconds is not None
    assert phases["Verify"].state == "now"
    assert phases["Go"].state == ""
    assert phases["Go"].seconds is None
    assert [phase.name for phase in status.phases if phase.in_window][:2] == ["Freeze", "Drain"]
    assert status.lag_seconds == 0.4
    assert status.window_seconds is None
    assert status.allowed == ["cutover rollback: end the run; the source serves"]


def test_the_limit_of_a_phase_is_that_of_its_steps_together() -> None:
    status = read_during("verify")

    (verify,) = [phase for phase in status.phases if phase.name == "Verify" and not phase.in_window]
    assert verify.limit_seconds == 4 * Limits().verify


def test_a_run_that_waits_shows_the_go_as_what_may_be_done() -> None:
    site = FakeSite()
    reader, found = StatusReader(site, Plan(limits=Limits()), site.world.clock), list[Status]()

    def look(world: World) -> None:
        if world.runs.read().go_state == "awaited":
            found.append(reader.read())
            give_go_when_awaited(world)
            found.append(reader.read())

    execute_gated(site.world, MANUAL, look=look, run_id=RUN)

    waiting, given = found[:2]
    assert waiting.allowed[0] == "cutover go: start the window"
    assert waiting.next_step == "nothing, until somebody gives the go"
    assert given.allowed[0].startswith("cutover hold")
    assert given.to_json()["go"]["by"] == WHO


def test_the_window_has_a_clock_that_stops_at_the_commit() -> None:
    drain, tidy = read_during("drain"), read_during("tidy")

    assert drain.window_seconds is not None
    assert 0 <= drain.window_seconds < 30
    assert "rest of the window" in drain.next_step
    world = World()
    execute_gated(world, MANUAL, look=give_go_when_awaited, run_id=RUN)
    outputs = json.loads(world.files[f"runs/{RUN}/outputs.json"])
    assert tidy.window_seconds == pytest.approx(outputs["window_seconds"], abs=2)


def test_the_window_has_a_clock_while_its_first_step_runs() -> None:
    world = World()
    site, found = FakeSite(world), list[float | None]()
    reader = StatusReader(site, Plan(limits=Limits()), world.clock)

    def watcher(what: str) -> None:
        if what.startswith("freeze on"):
            found.append(reader.read().window_seconds)

    world.watchers.append(watcher)
    execute_gated(world, MANUAL, look=give_go_when_awaited, run_id=RUN)

    assert found[0] is not None
    assert found[0] < 5


def test_the_status_shows_that_a_run_rolls_back() -> None:
    world = World()
    world.runs.acquire(RUN, "cutover", seconds=900)
    world.runs.request_abort(RUN, "stopped by the operator")
    reader = StatusReader(FakeSite(world), Plan(limits=Limits()), world.clock)

    requested = reader.read()
    world.runs.roll_back(RUN)
    decided = reader.read()

    assert requested.next_step == "the run rolls back at its next step"
    assert "rolls back: the source opens first" in decided.next_step
    assert not decided.is_good
    assert decided.allowed == ["cutover rollback: wait until the source serves"]


def test_a_run_that_nobody_goes_on_with_ends_the_watch_and_names_the_way_out() -> None:
    world = World()
    world.runs.acquire(RUN, "cutover", seconds=900)
    reader = StatusReader(FakeSite(world), Plan(limits=Limits()), world.clock)
    assert reader.read().is_good
    world.clock.sleep(901)

    status = watch(reader, world.clock, Output(as_json=True))

    assert not status.is_good
    assert "does not go on by itself" in status.next_step
    assert status.allowed == ["cutover rollback: take the run up, and end it; the source serves"]


def test_expected_times_are_those_of_the_last_run_that_succeeded() -> None:
    world = World()
    execute_gated(world, MANUAL, look=give_go_when_awaited, run_id="m0-c-0000000000")
    old = {name: text for name, text in world.files.items() if name.startswith("runs/m0-c")}
    second = World()
    second.files |= {
        **old,
        "runs/m9-c-1111111111/01-lock.json": json.dumps({"step": "lock"}),
        "runs/m9-t-2/outputs.json": "{}",
    }

    status = read_during("verify", second)

    (verify,) = [phase for phase in status.phases if phase.name == "Verify" and not phase.in_window]
    assert verify.expected_seconds is not None
    assert all(phase.expected_seconds is not None for phase in status.phases)


def test_evidence_that_is_done_is_read_once() -> None:
    world = World()
    site = FakeSite(world)
    execute_gated(world, MANUAL, look=give_go_when_awaited, run_id=RUN)
    for _ in range(3):
        site.evidence.read_steps(RUN)

    assert len(site.s3.reads) == len(set(site.s3.reads)) > 20


def test_what_cannot_be_read_is_named_and_the_record_is_shown_all_the_same() -> None:
    world = World()
    world.runs.acquire(RUN, "cutover", seconds=900)

    class Denied(FakeSite):
        def read_lag(self) -> float | None:
            raise StepFailed("dms:DescribeReplicationTasks: AccessDenied", next_action="allow it")

        def find_execution(self, run_id: str) -> None:  # noqa: ARG002 (the interface's)
            raise StepFailed("states:DescribeExecution: AccessDenied")

    status = StatusReader(Denied(world), Plan(limits=Limits()), world.clock).read()

    assert status.record.run_id == RUN
    assert len(status.unknown) == 2
    assert status.unknown[0].startswith("lag of the rows: dms:DescribeReplicationTasks")
    assert status.execution == "not known"


def test_the_status_for_programs_has_moments_in_iso_8601() -> None:
    found = read_during("drain").to_json()

    assert found["run"]["started"] == format_iso(read_during("drain").record.started)
    assert found["frozen_until"].endswith("Z")
    assert found["phases"][0]["name"] == "Lock"
