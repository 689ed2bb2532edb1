"""The message about a roll back names what is kept for the next run, and waits only for that decision."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.machines import REPLICA
from tests.unit.procedure.people import FakePeople
from tests.unit.procedure.resuming import ResumingRegistry, get_suspension, run
from tests.unit.procedure.world import World


@pytest.fixture
def people(world: World) -> FakePeople:
    people = FakePeople(world)
    world.people_messages = people
    return people


@pytest.mark.parametrize(
    ("step", "kept"),
    [("verify", f"replica {REPLICA}"), ("await-bulk", f"replica {REPLICA}"), ("await-job", "launch job job-CUTOVER")],
)
def test_it_names_what_is_kept_until_when_and_how_to_remove_it(
    world: World, execute: Execute, people: FakePeople, step: str, kept: str
) -> None:
    run(execute, "m1-c-1", fails_in=step)

    message = people.get("rolled-back")
    until = datetime.fromtimestamp(get_suspension(world).until, tz=UTC).strftime("%H:%M UTC")
    assert f". Kept until {until}: {kept}." in message.next_action
    assert "cutover costs shows the price" in message.next_action
    assert message.next_action.endswith("To remove it: cutover clean-up --yes")
    assert message.command == "cutover resume"
    assert "…" not in message.format_text()
    assert people.events == ["rolled-back"]


@pytest.mark.parametrize("step", ["accept-scratch", "freeze-database"])
def test_it_names_nothing_where_nothing_is_kept(world: World, execute: Execute, people: FakePeople, step: str) -> None:
    run(execute, "m1-c-1", fails_in=step)

    message = people.get("rolled-back")
    assert world.runs.read().suspended is None
    assert "Kept" not in message.next_action
    assert message.command == "npx cdk deploy MigrationStack"


def test_after_a_freeze_it_is_sent_as_soon_as_the_source_serves(
    world: World, execute: Execute, people: FakePeople
) -> None:
    run(execute, "m1-c-1", fails_in="freeze-database")

    assert people.events.count("rolled-back") == 1
    assert world.action_log.index("message rolled-back") < world.action_log.index("clean up")
    assert "message rolled-back" not in world.action_log[: world.action_log.index("thaw on i-source-app")]


def test_a_removal_does_not_delay_it(world: World, execute: Execute, people: FakePeople) -> None:
    """The run may keep its replica, decides against it, and then waits for the removal."""

    def stop(step: str) -> None:
        if step == "verify":
            world.runs.request_abort("m1-c-1", "stopped by the operator")

    run(execute, "m1-c-1", before=stop)

    assert people.events == ["rolled-back"]
    assert "Kept" not in people.get("rolled-back").next_action


def test_a_lost_response_of_the_decision_does_not_lose_what_is_kept(execute: Execute, people: FakePeople) -> None:
    crashed: list[str] = []

    class LosesResponse(ResumingRegistry):
        def _notify(self, context, outcome, known):  # type: ignore[no-untyped-def]
            if context.step.name == "rollback-replica" and not crashed:
                crashed.append("once")
                raise RuntimeError("the function was ended after its write")
            super()._notify(context, outcome, known)

    class Failing(LosesResponse):
        def invoke(self, event):  # type: ignore[no-untyped-def]
            try:
                return super().invoke(event)
            except RuntimeError:
                return super().invoke(event)

    run(execute, "m1-c-1", fails_in="verify", registry_class=Failing)

    assert crashed == ["once"]
    assert people.events == ["rolled-back"]
    assert "Kept until" in people.get("rolled-back").next_action
