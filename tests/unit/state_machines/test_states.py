"""A state machine as data: what is written, in which order, and what is refused."""

from __future__ import annotations

import json

import pytest
from state_machines.states import State, render_machine


def test_the_transitions_name_the_states_that_follow() -> None:
    end, failed = State("End", Type="Succeed"), State("Failed", Type="Fail")
    task = State("Task", Retry=[], Type="Task").set_next(end)
    task.add_catch(failed, result_path="$.error")
    choice = State("Choice", Type="Choice").add_choice({"Variable": "$.done", "BooleanEquals": True}, end)
    definition = json.loads(render_machine(choice.set_default(task)))
    assert definition["StartAt"] == "Choice"
    assert definition["States"]["Choice"] == {
        "Type": "Choice",
        "Choices": [{"Variable": "$.done", "BooleanEquals": True, "Next": "End"}],
        "Default": "Task",
    }
    catch = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Failed"}
    assert definition["States"]["Task"] == {"Next": "End", "Retry": [], "Catch": [catch], "Type": "Task"}


def test_a_loop_is_written_once_and_the_sources_of_a_state_before_what_follows_it() -> None:
    """The order of the CDK: deployed state machines keep their text."""
    task, done = State("Task", Retry=[], Type="Task"), State("Done?", Type="Choice")
    wait = State("Wait", Type="Wait", Seconds=5).set_next(task)
    task.set_next(done)
    done.add_choice({}, State("End", Type="Succeed")).set_default(wait)
    assert list(json.loads(render_machine(task))["States"]) == ["Task", "Wait", "Done?", "End"]


def test_a_state_that_no_transition_reaches_is_not_written() -> None:
    start = State("Start", Type="Pass").set_next(State("End", Type="Succeed"))
    State("Lost", Type="Pass")
    assert list(json.loads(render_machine(start))["States"]) == ["Start", "End"]


def test_two_states_with_one_name_are_refused() -> None:
    start = State("Twice", Type="Pass").set_next(State("Twice", Type="Succeed"))
    with pytest.raises(ValueError, match="two states have the name Twice"):
        render_machine(start)


def test_a_second_state_after_one_is_refused() -> None:
    state = State("State", Type="Pass").set_next(State("First", Type="Succeed"))
    with pytest.raises(ValueError, match="State already leads to First"):
        state.set_next(State("Second", Type="Succeed"))
