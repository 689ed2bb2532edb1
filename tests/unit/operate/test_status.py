"""`cutover status`: what is read, what it shows in a narrow terminal, and how it follows a run to its end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from common.clients.run_record import Record
from common.clock import format_iso
from common.errors import RetryableServiceError, StepFailed
from common.settings import Limits
from procedure import plan

from operate.evidence import EvidenceReader
from operate.output import Output
from operate.status import Plan, Status, StatusReader
from operate.status_view import build_live_view, build_view, select_phases
from operate.watch import watch
from tests.unit.operate.consoles import create_terminal, read_screen
from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.gated import MANUAL, WHO, execute_gated, give_go_when_awaited
from tests.unit.procedure.world import World

RUN = "m1-c-0123456789"
PAGE = 3


class FakeS3:
    """An evidence bucket over the files of a world, which lists PAGE keys at a time."""

    def __init__(self, files: dict[str, Any]) -> None:
        self.files, self.reads = files, list[str]()

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        from botocore.exceptions import ClientError

        assert Bucket == "evidence"
        if Key not in self.files:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": ""}}, "GetObject")
        self.reads.append(Key)
        text = self.files[Key]
        return {"Body": FakeBody(text if isinstance(text, bytes) else str(text).encode())}

    def get_paginator(self, name: str) -> FakeS3:
        assert name == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str, Delimiter: str = "") -> Any:  # noqa: N803
        assert Bucket == "evidence"
        keys = sorted(key for key in self.files if key.startswith(Prefix))
        if Delimiter:
            prefixes = sorted({Prefix + key.removeprefix(Prefix).split(Delimiter)[0] + Delimiter for key in keys})
            return [{"CommonPrefixes": [{"Prefix": one}]} for one in prefixes]
        return [{"Contents": [{"Key": key} for key in keys[i : i + PAGE]]} for i in range(0, len(keys), PAGE)] or [{}]


@dataclass
class FakeBody:
    content: bytes

    def read(self) -> bytes:
        return self.content


@dataclass
class FakeSite:
    """A site over a world."""

    world: World = field(default_factory=World)
    name: str = "gogs"
    fails: Exception | None = None

    def __post_init__(self) -> None:
        self.s3 = FakeS3(self.world.files)
        self.evidence = EvidenceReader(self.s3, "evidence")  # type: ignore[arg-type]  # as much of it as is used

    def read_record(self) -> Record:
        if self.fails:
            failure, self.fails = self.fails, None
            raise failure
        return self.world.runs.read()

    def find_execution(self, run_id: str) -> None:  # noqa: ARG002 (the interface's)
        return None

    def read_lag(self) -> float | None:
        return self.world.lag_seconds


def read_during(step: str, world: World | None = None, **options: Any) -> Status:
    """Return the status at the first invocation of this step of a cutover with a gate."""
    world = world or World()
    site, found = FakeSite(world), list[Status]()
    reader = StatusReader(site, Plan(limits=Limits(), has_gate=True), world.clock)

    def before(name: str) -> None:
        if name == step and not found:
            found.append(reader.read())

    execute_gated(world, MANUAL, look=give_go_when_awaited, before=before, run_id=RUN, **options)
    return found[0]


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


@pytest.mark.parametrize("width", [60, 100])
def test_the_view_fits_its_terminal_and_loses_nothing(width: int) -> None:
    status = read_during("delta")
    output = create_terminal(width)
    output.print(build_view(status))

    lines = read_screen(output)
    assert max(len(line.rstrip()) for line in lines) <= width
    text = " ".join(" ".join(lines).split())
    for word in (
        RUN,
        "Freeze",
        "Stand by",
        "writes are held",
        "You may",
        "cutover rollback",
        *status.next_step.split(),
    ):
        assert word in text, word


@pytest.mark.parametrize("height", [24, 30, 60])
def test_the_live_view_fits_the_height_of_its_terminal_and_shows_the_phase_that_runs(height: int) -> None:
    status = read_during("verify-files")
    output = create_terminal(60, height=height)
    output.print(build_live_view(status, output.console))

    lines = read_screen(output)
    assert len(lines) <= height
    text = "\n".join(lines)
    assert "You may" in text
    assert "Verify" in text


def test_the_phases_of_a_low_terminal_are_those_around_the_one_that_runs() -> None:
    phases = read_during("freeze-database").phases
    (running,) = [number for number, phase in enumerate(phases) if phase.state == "now"]

    assert phases[running] in select_phases(phases, 3)
    assert len(select_phases(phases, 3)) == 3
    assert select_phases(phases, 100) == phases
    assert select_phases(phases, 0) == []
    assert select_phases([], 5) == []


def test_a_file_gets_lines_that_are_not_wrapped(capsys: pytest.CaptureFixture[str]) -> None:
    status = read_during("delta")
    Output().print(build_view(status))

    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("serves     reads by the source") and line.endswith("Z") for line in lines)
    assert not any(line != line.rstrip() for line in lines)


def create_walk(site: FakeSite) -> Callable[[float], None]:
    """Return a sleep after which the run is one step further, until it ends."""
    steps = iter([step.name for step in plan.TEST_LAUNCH[1:]])

    def advance(seconds: float) -> None:
        runs = site.world.runs
        FakeClock.sleep(site.world.clock, seconds)
        if (step := next(steps, None)) is not None:
            runs.renew_lock(RUN, step, seconds=900, heed_abort=False)
        else:
            runs.release(RUN)

    return advance


def watch_test_launch(output: Output) -> Status:
    site = FakeSite()
    site.world.runs.acquire(RUN, "test-launch", seconds=900)
    site.world.clock.sleep = create_walk(site)  # type: ignore[assignment,method-assign]
    site.fails = RetryableServiceError("dynamodb:GetItem: throttled")
    return watch(StatusReader(site, Plan(limits=Limits()), site.world.clock), site.world.clock, output)


def test_a_watched_run_is_followed_to_its_end_and_a_short_failure_is_repeated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = watch_test_launch(Output())

    assert not status.is_running
    lines = capsys.readouterr().out.splitlines()
    assert "will look again: dynamodb:GetItem: throttled" in lines[0]
    assert [line.split()[1] for line in lines[1:]] == [step.name for step in plan.TEST_LAUNCH[1:]] + ["released"]


def test_a_terminal_shows_the_watched_run_live() -> None:
    output = create_terminal(60)
    watch_test_launch(output)

    text = "\n".join(read_screen(output))
    assert "will look again" in text
    assert "Acceptance" in text
    assert "nothing: the run is over" in text


def test_a_watch_in_json_mode_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(as_json=True)
    status = watch_test_launch(output)
    output.finish(status.to_json(), ok=status.is_good)

    printed = json.loads(capsys.readouterr().out)
    assert printed["running"] is False
    assert printed["site"] == "gogs"


def test_the_status_for_programs_has_moments_in_iso_8601() -> None:
    found = read_during("drain").to_json()

    assert found["run"]["started"] == format_iso(read_during("drain").record.started)
    assert found["frozen_until"].endswith("Z")
    assert found["phases"][0]["name"] == "Lock"
