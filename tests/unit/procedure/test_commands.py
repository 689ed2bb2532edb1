"""One invocation asks Systems Manager for the result of a command until it has one, and not again."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from common.clients.machines import CommandResult
from common.errors import StepFailed
from procedure.commands import Commands
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


def test_whether_a_command_was_sent_to_any_machine_is_known() -> None:
    commands = build(CountingMachines(CommandResult(ok=True)), {})
    assert not commands.has_sent_any(Command.SERVE_LIVE)

    commands.send_once(Command.SERVE_LIVE, MACHINE)
    assert commands.has_sent_any(Command.SERVE_LIVE)

    commands.reset(Command.SERVE_LIVE, instance_id=MACHINE)
    assert not commands.has_sent_any(Command.SERVE_LIVE)
