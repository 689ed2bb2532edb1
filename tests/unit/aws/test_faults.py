"""The selection of the events that a fault hits, and its counters."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from rehearsal.aws.control import Call
from rehearsal.aws.faults.control import FaultControl
from rehearsal.aws.faults.kinds import Faults
from rehearsal.aws.faults.machines import MachineFaults
from rehearsal.errors import RehearsalError
from rehearsal.faults import CommandRejected

EVENT: dict[str, Any] = {
    "step": "freeze",
    "run": {"kind": "cutover", "rollback": False, "target": None},
    "Records": [{"Sns": {"Message": '{"outcome": "pass"}'}}],
}


@pytest.fixture
def faults() -> Faults:
    return Faults()


def find_hit(faults: Faults, function: str = "Stack-Procedure1A-2B", event: object = EVENT) -> int | None:
    """Return the number of the fault that hits the invocation, or None."""
    fault = faults.find_hit(lambda one: one.is_on_function(function, event))
    return fault.id if fault else None


@pytest.mark.parametrize(
    ("options", "hit"),
    [
        ({}, True),
        ({"function": "*Procedure*"}, True),
        ({"function": "*procedure*"}, False),
        ({"function": "Procedure*"}, False),
        ({"fields": {"step": "freeze"}}, True),
        ({"fields": {"step": "fre*"}}, True),
        ({"fields": {"step": "freeze-database"}}, False),
        ({"fields": {"step": "freeze", "run.kind": "test-launch"}}, False),
        ({"fields": {"run.rollback": "false"}}, True),
        ({"fields": {"run.target": "*"}}, False),
        ({"fields": {"run.nothing": "*"}}, False),
        ({"fields": {"step.letter": "*"}}, False),
        ({"fields": {"Records.0.Sns.Message": "*pass*"}}, True),
        ({"fields": {"Records.1.Sns.Message": "*"}}, False),
    ],
)
def test_a_fault_hits_only_matching_invocations(faults: Faults, options: dict[str, Any], hit: bool) -> None:
    faults.inject({"kind": "function-crash", **options})

    assert (find_hit(faults) is not None) == hit
    assert faults.list()[0]["seen"] == int(hit)


def test_a_fault_with_fields_does_not_hit_an_event_that_is_no_object(faults: Faults) -> None:
    faults.inject({"kind": "function-crash", "fields": {"step": "*"}})

    assert find_hit(faults, event=["step"]) is None
    assert find_hit(faults, event="step") is None


@pytest.mark.parametrize(
    ("nth", "times", "hits"), [(1, 1, [1, 0, 0, 0]), (2, 1, [0, 1, 0, 0]), (2, 2, [0, 1, 1, 0]), (3, 0, [0, 0, 1, 1])]
)
def test_a_fault_starts_at_the_nth_event_and_hits_the_given_number_of_times(
    faults: Faults, nth: int, times: int, hits: list[int]
) -> None:
    faults.inject({"kind": "function-crash", "nth": nth, "times": times})

    assert [int(find_hit(faults) is not None) for _ in range(4)] == hits
    assert faults.list()[0]["hits"] == sum(hits)


def test_an_event_is_hit_by_at_most_one_fault(faults: Faults) -> None:
    faults.inject({"kind": "function-crash"})
    faults.inject({"kind": "function-timeout"})

    assert [find_hit(faults) for _ in range(3)] == [1, 2, None]


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"kind": "earthquake"}, "kind: must be one of"),
        ("function-crash", "kind: must be one of"),
        ({"kind": "function-crash", "seconds": 1}, "seconds: is no option of function-crash"),
        ({"kind": "function-crash", "when": "during"}, "when: must be before or after"),
        ({"kind": "function-crash", "fields": "step"}, "fields: must be of type dict"),
        ({"kind": "function-crash", "nth": 0}, "nth: 0 is too small"),
        ({"kind": "function-crash", "times": True}, "times: must be of type int"),
        ({"kind": "function-crash", "id": 7}, "id: is no option"),
        ({"kind": "function-slow"}, "function-slow needs seconds"),
        ({"kind": "function-slow", "seconds": "1"}, "seconds: must be of type number"),
        ({"kind": "instance-dies"}, "instance-dies needs role"),
    ],
)
def test_an_invalid_fault_is_rejected(faults: Faults, order: object, reason: str) -> None:
    with pytest.raises(CommandRejected, match=reason):
        faults.inject(order)
    assert faults.list() == []


def test_a_release_ends_only_the_current_hold(faults: Faults) -> None:
    faults.inject({"kind": "function-hold", "times": 2})
    for _ in range(2):
        fault = faults.find_hit(lambda one: one.is_on_function("f", {}))
        assert fault is not None
        ends: list[bool] = []
        waiting = threading.Thread(target=lambda fault=fault, ends=ends: ends.append(faults.hold(fault, 30)))
        waiting.start()
        assert faults.wait(1, 10)["held"] == 1

        assert faults.release(1)["held"] == 0

        waiting.join(10)
        assert ends == [True]
    with pytest.raises(CommandRejected, match="holds no invocation"):
        faults.release(1)


def test_clearing_a_fault_ends_the_wait_for_it(faults: Faults) -> None:
    faults.inject({"kind": "function-hold"})
    reasons: list[str] = []

    def wait() -> None:
        with pytest.raises(CommandRejected) as refused:
            faults.wait(1, 30)
        reasons.append(str(refused.value))

    waiting = threading.Thread(target=wait)
    waiting.start()
    faults.clear()
    waiting.join(10)
    assert reasons in (
        ["fault 1 was cleared"],
        ["there is no fault 1"],
    )  # depends on whether the wait began before the fault was cleared


def test_an_image_fails_after_its_work_was_done(faults: Faults) -> None:
    faults.inject({"kind": "image-slow", "image": "cutover-*", "seconds": 0.01})
    faults.inject({"kind": "image-fails", "image": "cutover-*", "message": "no space"})
    machines = MachineFaults(faults)

    machines.apply_image_faults("other")
    with pytest.raises(RehearsalError, match="no space"):
        machines.apply_image_faults("cutover-gogs-1")
    machines.apply_image_faults("cutover-gogs-2")
    assert [one["hits"] for one in faults.list()] == [1, 1]


def test_an_instance_of_the_role_is_killed_unless_the_fault_is_cleared(faults: Faults) -> None:
    killed, cleared = threading.Event(), threading.Event()
    machines = MachineFaults(faults)
    faults.inject({"kind": "instance-dies", "role": "target"})
    machines.apply_running_faults("i-1", "replica", cleared.set)
    machines.apply_running_faults("i-2", "target", killed.set)
    assert killed.wait(10)

    faults.inject({"kind": "instance-dies", "role": "replica", "seconds": 60})
    machines.apply_running_faults("i-3", "replica", cleared.set)
    faults.clear()

    for thread in threading.enumerate():
        if thread.name.startswith("fault-"):
            thread.join(10)
    assert not cleared.is_set()


@pytest.mark.parametrize(
    ("method", "rest", "reason"),
    [
        ("GET", "x", "is not the id of a fault"),
        ("GET", "7/wait", "there is no fault 7"),
        ("POST", "7/release", "there is no fault 7"),
        ("PUT", "", "unknown request"),
        ("POST", "", "the body must be JSON"),
    ],
)
def test_an_invalid_control_call_is_rejected(faults: Faults, method: str, rest: str, reason: str) -> None:
    with pytest.raises(CommandRejected, match=reason):
        FaultControl(faults)(Call(method, rest, {}, b"{"))
