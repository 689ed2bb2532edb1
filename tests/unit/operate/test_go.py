"""`cutover go` and `cutover hold`: accepted only while the run waits, and each refusal says why and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from common.clients.run_record import Record
from common.clients.runs import Runs
from common.errors import StepFailed

from operate.go import give_go, hold
from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.dynamo import FakeDynamo
from tests.unit.procedure.gated import MANUAL, execute_gated
from tests.unit.procedure.machines import APP
from tests.unit.procedure.world import World

RUN, WHO = "m1-c-1", "arn:aws:sts::111122223333:assumed-role/Operators/alice"


@dataclass
class FakeSite:
    dynamo: FakeDynamo = field(default_factory=FakeDynamo)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.runs = Runs(self.dynamo, "runs", "gogs", clock=self.clock)  # type: ignore[arg-type]

    def read_record(self) -> Record:
        return self.runs.read()

    def read_caller(self) -> str:
        return WHO


@pytest.fixture
def site() -> FakeSite:
    return FakeSite()


@pytest.fixture
def waiting(site: FakeSite) -> FakeSite:
    site.runs.acquire(RUN, "cutover", seconds=900)
    site.runs.request_go(RUN)
    return site


def test_a_go_names_its_run_and_the_caller(waiting: FakeSite) -> None:
    decided = give_go(waiting)

    assert (decided.run_id, decided.by) == (RUN, WHO)
    assert waiting.read_record().go_by == WHO
    assert give_go(waiting).sentence.startswith(f"run {RUN} has had the go of {WHO} since")


def test_a_go_can_be_taken_back_and_given_again(waiting: FakeSite) -> None:
    give_go(waiting)

    assert "waits again for a go" in hold(waiting).sentence
    assert "has no go" in hold(waiting).sentence
    give_go(waiting)
    assert waiting.read_record().go_state == "given"


def before_it_waits(site: FakeSite) -> None:
    site.runs.acquire(RUN, "cutover", seconds=900)


def stopped(site: FakeSite) -> None:
    before_it_waits(site)
    site.runs.request_go(RUN)
    site.runs.request_abort(RUN, "stopped by the operator")


def begun(site: FakeSite) -> None:
    before_it_waits(site)
    site.runs.begin_window(RUN, needs_go=False)


def rolled_back(site: FakeSite) -> None:
    begun(site)
    site.runs.roll_back(RUN)


@pytest.mark.parametrize(
    ("given", "refuses_go", "refuses_hold"),
    [
        (lambda _: None, "no run holds the site", "no run holds the site"),
        (before_it_waits, "does not wait for a go: it is in step lock", "has had no go in step lock"),
        (stopped, "is requested to stop (stopped by the operator)", ""),
        (begun, "has begun already", "a hold comes too late"),
        (rolled_back, "rolls back: it needs no go", "rolls back: it needs no go"),
    ],
)
def test_what_cannot_be_decided_is_refused_with_what_to_do(
    site: FakeSite, given: Callable[[FakeSite], None], refuses_go: str, refuses_hold: str
) -> None:
    given(site)
    before = dict(site.dynamo.items.get("gogs", {}))

    for decide, reason in ((give_go, refuses_go), (hold, refuses_hold)):
        if not reason:
            continue
        with pytest.raises(StepFailed) as refused:
            decide(site)
        assert reason in refused.value.reason
        assert refused.value.next_action
    assert site.dynamo.items.get("gogs", {}) == before


def test_a_go_that_loses_against_a_roll_back_is_refused(waiting: FakeSite) -> None:
    """Given a request to stop between the read of the record and the write of the go."""
    waiting.dynamo.before = lambda: stop_once(waiting)

    with pytest.raises(StepFailed, match="requested to stop"):
        give_go(waiting)
    assert waiting.read_record().go_state == "awaited"


def stop_once(site: FakeSite) -> None:
    site.dynamo.before = lambda: None
    site.runs.request_abort(RUN, "stopped by the operator")


def test_the_go_of_the_command_starts_the_window_of_a_run() -> None:
    world = World()

    @dataclass
    class OverWorld(FakeSite):
        def __post_init__(self) -> None:
            self.runs = world.runs

    def look(world: World) -> None:
        if world.runs.read().go_state == "awaited":
            give_go(OverWorld())

    assert execute_gated(world, MANUAL, look=look).status == "SUCCEEDED"
    assert f"freeze on {APP}" in world.action_log
