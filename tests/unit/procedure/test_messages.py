"""People get each message once, at the right time, and a message never changes the run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from common.errors import RetryableServiceError, StepFailed

from tests.unit.procedure.asl import FunctionError
from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import boom, failing_response
from tests.unit.procedure.people import FakePeople
from tests.unit.procedure.world import World

UNAVAILABLE = RetryableServiceError("sns:Publish: Read timeout on endpoint URL")


@pytest.fixture
def people(world: World) -> FakePeople:
    people = FakePeople(world)
    world.people_messages = people
    return people


def break_at(step: str, reason: str = "it broke here") -> Any:
    def fail(now: str) -> None:
        if now == step:
            boom(reason)()

    return fail


def read_outputs(world: World, run_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.files[f"runs/{run_id}/outputs.json"])
    return found


def test_a_test_that_passed(execute: Execute, people: FakePeople) -> None:
    execute("test-launch")

    assert people.events == ["test-passed"]
    assert "ami-1" in people.get("test-passed").happened


def test_a_failed_test_launch_is_reported_with_its_reason(world: World, execute: Execute, people: FakePeople) -> None:
    result = execute("test-launch", before=break_at("await-image", "the disk is full"))

    assert result.status == "FAILED"
    assert people.events == ["test-failed"]
    message = people.get("test-failed")
    assert message.format_subject() == "gogs: test failed in Image"
    assert "the disk is full" in message.happened
    assert message.next_action == "look"
    # And before the removal of the replica, which takes minutes
    assert world.action_log.index("message test-failed") < world.action_log.index("clean up")


def test_a_cutover(world: World, execute: Execute, people: FakePeople) -> None:
    execute("cutover")

    assert people.events == ["frozen", "committed"]
    assert people.get("committed").subject.startswith("moved to AWS, writes waited ")
    assert set(world.runs.read().messages) == {"frozen", "committed"}
    assert all(world.runs.read().messages.values())


def test_nobody_waits_for_the_message_about_the_freeze(world: World, execute: Execute, people: FakePeople) -> None:
    # Given SNS that does not respond in the window
    people.is_slow = True
    execute("cutover")

    # Then the run has moved the site without it, and a warning says that it is missing
    assert people.events == ["committed"]
    assert len(people.background) == 1
    assert "the message about the freeze was not sent in time" in str(read_outputs(world, "m1-cutover")["warnings"])


@pytest.mark.usefixtures("people")
def test_users_get_through_before_the_message_about_the_commit(world: World, execute: Execute) -> None:
    execute("cutover")

    (forward,) = [number for number, line in enumerate(world.action_log) if line.startswith("forward on")]
    assert forward < world.action_log.index("message committed")
    assert [line for line in world.action_log if line.startswith("message")] == ["message frozen", "message committed"]


@pytest.mark.parametrize("step", ["preflight", "await-bulk", "verify", "freeze", "delta", "accept-live", "commit"])
def test_a_roll_back_is_reported_with_its_reason_after_the_source_serves(
    world: World, execute: Execute, people: FakePeople, step: str
) -> None:
    serving: list[bool] = []
    send = people.send

    def look(message: Any) -> None:
        if message.event == "rolled-back":
            serving.append(world.source.accepts_writes)
        send(message)

    people.send = look  # type: ignore[method-assign]
    execute("cutover", before=break_at(step))

    assert serving == [True]
    message = people.get("rolled-back")
    assert "it broke here" in message.happened
    assert ("write again since" in message.users) == (step in ("delta", "accept-live", "commit"))


def test_a_source_that_cannot_be_opened_is_named(world: World, execute: Execute, people: FakePeople) -> None:
    world.responses["thaw"] = failing_response("the disk is read-only")
    execute("cutover", before=break_at("delta"))

    assert "which opens by itself until 20" in people.get("rolled-back").users


def test_a_step_that_is_repeated_sends_nothing_again(execute: Execute, people: FakePeople) -> None:
    crashes = iter([True, True])
    observed: list[str] = []

    def crash(step: str) -> None:
        observed.append(step)
        # The invocation before this one has sent its message, and its response was lost.
        if step in ("drain", "point-name") and observed.count(step) < 3 and next(crashes, False):
            raise FunctionError("Runtime.ExitError")

    execute("cutover", before=crash)

    assert people.events == ["frozen", "committed"]


def test_a_follow_up_execution_sends_nothing_again(execute: Execute, people: FakePeople) -> None:
    execute("cutover", before=break_at("delta"))
    execute("cutover", rollback=True)

    assert people.events.count("rolled-back") == 1


def test_a_run_that_did_not_get_the_site_sends_nothing(world: World, execute: Execute, people: FakePeople) -> None:
    world.runs.acquire("another", "cutover", seconds=900)
    assert execute("cutover").status == "FAILED"

    assert people.events == []


def test_a_message_that_cannot_be_sent_is_one_warning(world: World, execute: Execute, people: FakePeople) -> None:
    people.refused = UNAVAILABLE
    result = execute("cutover")

    assert result.status == "SUCCEEDED"
    warnings = read_outputs(world, "m1-cutover")["warnings"]
    assert len([one for one in warnings if one.startswith("Messages: ")]) == 1
    assert "Read timeout" in str(warnings)
    assert people.tries == 2  # no message about the failure of messages


@pytest.mark.parametrize("step", ["await-bulk", "delta"])
def test_a_roll_back_does_not_depend_on_messages(world: World, execute: Execute, people: FakePeople, step: str) -> None:
    people.refused = StepFailed("sns:Publish: AuthorizationError")
    result = execute("cutover", before=break_at(step))

    assert result.cause["reason"] == "it broke here"
    assert world.source.accepts_writes


def test_a_warning_after_the_commit(world: World, execute: Execute, people: FakePeople) -> None:
    world.responses["tidy"] = failing_response("the user is gone")
    execute("cutover")

    assert people.events == ["frozen", "committed", "warning"]
    message = people.get("warning")
    assert "the user is gone" in message.happened
    assert message.users == "they use the target."


@pytest.mark.usefixtures("people")
def test_a_warning_does_not_delay_users(world: World, execute: Execute) -> None:
    def fail(step: str) -> None:
        if step == "admit":
            boom("the group is gone")()

    execute("cutover", before=fail)

    (forward,) = [number for number, line in enumerate(world.action_log) if line.startswith("forward on")]
    assert forward < world.action_log.index("message committed") < world.action_log.index("message warning")


def test_facts_of_the_target_that_cannot_be_read_delay_nothing(
    world: World, execute: Execute, people: FakePeople, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = world.read_target

    def fail_late(given: Any) -> Any:
        if world.runs.read().milestone == "admitted":
            raise UNAVAILABLE
        return read(given)

    monkeypatch.setattr(world, "read_target", fail_late)
    result = execute("cutover")

    assert result.status == "SUCCEEDED"
    assert people.events[:1] == ["frozen"]


def test_without_a_topic_nothing_is_recorded(world: World, execute: Execute) -> None:
    execute("cutover")

    assert world.runs.read().messages == {}
