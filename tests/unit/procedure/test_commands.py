"""One invocation asks Systems Manager for the result of a command until it has one, and not again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from common.clients.machines import CommandResult
from common.errors import RetryableCommandError, StepFailed
from procedure.commands import MAX_DELIVERIES, Commands
from procedure.outcome import Pending
from procedure.state.commands import Call, Command

from tests.unit.procedure.clock import FakeClock

MACHINE = "i-1"


class CountingMachines:
    """Each command ends at its second poll."""

    def __init__(self, result: CommandResult) -> None:
        self.sent, self.polls, self._result = 0, 0, result

    def send(self, _machine: str, _verb: str, _options: Mapping[str, object], *, seconds: int, comment: str) -> str:
        assert seconds, comment
        self.sent += 1
        return f"command-{self.sent}"

    def poll(self, _command_id: str, _machine: str, _verb: str) -> CommandResult | None:
        self.polls += 1
        return self._result if self.polls % 2 == 0 else None


def build(machines: CountingMachines, calls: dict[Command, dict[str, Call]]) -> Commands:
    return Commands(machines=machines, clock=FakeClock(), calls=calls, limit=60, comment="run-1")  # type: ignore[arg-type]  # as much of it as is used


def test_a_result_is_read_once_in_an_invocation() -> None:
    machines, calls = CountingMachines(CommandResult(ok=True, facts={"files": 3})), dict[Command, dict[str, Call]]()
    commands = build(machines, calls)

    assert [commands.poll(Command.DELTA, MACHINE) for _ in range(4)] == [None, *[{"files": 3}] * 3]
    assert (machines.sent, machines.polls) == (1, 2)
    # The next invocation has nothing but the state
    build(machines, calls).poll(Command.DELTA, MACHINE)
    assert (machines.sent, machines.polls) == (1, 3)


def test_a_command_that_is_reset_is_sent_and_polled_again() -> None:
    machines = CountingMachines(CommandResult(ok=True))
    commands = build(machines, {})
    while commands.poll(Command.RENEW, MACHINE) is None:
        pass

    commands.reset(Command.RENEW)

    assert commands.poll(Command.RENEW, MACHINE) is None
    assert (machines.sent, machines.polls) == (2, 3)


def test_a_refused_command_is_sent_again() -> None:
    machines = CountingMachines(CommandResult(ok=False, facts={"reason": "no room"}))
    commands = build(machines, {})
    assert commands.poll(Command.DELTA, MACHINE) is None

    with pytest.raises(StepFailed, match="no room"):
        commands.poll(Command.DELTA, MACHINE)

    assert commands.poll(Command.DELTA, MACHINE) is None
    assert machines.sent == 2


class LateMachines(CountingMachines):
    """The first commands never reach the machine, because its agent is not connected."""

    def __init__(self, *, lost: int) -> None:
        super().__init__(CommandResult(ok=True, facts={"open": True}))
        self._lost = [f"command-{number}" for number in range(1, lost + 1)]

    def poll(self, command_id: str, machine: str, _verb: str) -> CommandResult | None:
        if command_id in self._lost:
            raise RetryableCommandError(
                "thaw did not reach the machine", machine=machine, next_action="check its agent"
            )
        return self._result


def test_a_command_that_must_succeed_is_sent_until_the_machine_is_connected_again() -> None:
    """Given the source's server has no agent for longer than a few deliveries, the source must not stay closed until its lease ends."""
    machines, calls = LateMachines(lost=MAX_DELIVERIES + 2), dict[Command, dict[str, Call]]()
    outcomes: list[Any] = []
    while not outcomes or isinstance(outcomes[-1], Pending):
        commands = build(machines, calls)  # a later invocation has nothing but the state
        outcomes.append(commands.poll_until_ok(Command.THAW, MACHINE, {}, waiting_for="the source to open"))

    assert outcomes[-1] == {"open": True}
    assert machines.sent == MAX_DELIVERIES + 3
    reasons = {outcome.waiting_for for outcome in outcomes[:-1]}
    assert "the source to open: thaw did not reach the machine" in reasons


def test_a_command_that_cannot_be_sent_is_retried_by_the_state_machine() -> None:
    class Disconnected(CountingMachines):
        def send(self, *_: object, **__: object) -> str:
            raise RetryableCommandError("the machine is not connected", machine=MACHINE)

    with pytest.raises(RetryableCommandError):
        build(Disconnected(CommandResult(ok=True)), {}).poll_until_ok(Command.THAW, MACHINE, {}, waiting_for="it")


def test_whether_a_command_was_sent_to_any_machine_is_known() -> None:
    commands = build(CountingMachines(CommandResult(ok=True)), {})
    assert not commands.has_sent_any(Command.SERVE_LIVE)

    commands.send_once(Command.SERVE_LIVE, MACHINE)
    assert commands.has_sent_any(Command.SERVE_LIVE)

    commands.reset(Command.SERVE_LIVE, instance_id=MACHINE)
    assert not commands.has_sent_any(Command.SERVE_LIVE)
