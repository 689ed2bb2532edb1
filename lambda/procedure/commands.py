"""Commands of a step: sent once, polled by later invocations of the same or of a later step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.clients.machines import CommandResult, Machines
from common.clock import Clock
from common.errors import RetryableCommandError, StepFailed

from procedure.outcome import Pending
from procedure.state.commands import Call, Calls, Command

MAX_DELIVERIES = 3
"""how often a command is sent that never reaches its machine"""
MILESTONE_WAIT_SECONDS = 120
"""how long the tool on a machine waits for a milestone of the run. A command that waits may take that much longer"""
Options = Mapping[str, str | int | bool]


@dataclass(frozen=True, kw_only=True)
class Commands:
    machines: Machines
    clock: Clock
    calls: Calls
    """of the state; changed in place"""
    limit: int
    """seconds that a command may take on its machine, where nothing else is given"""
    comment: str
    """what an operator reads in Systems Manager"""
    results: dict[str, CommandResult] = field(default_factory=dict)
    """by command id: of the commands that have ended, for the other polls of one invocation"""

    def send_once(
        self, command: Command, instance_id: str, options: Options | None = None, *, limit: int = 0, part: str = ""
    ) -> Call:
        """Send the command, unless it was sent before. Does not ask for its result.

        `part` distinguishes several commands of the same kind on one machine.
        """
        calls = self.calls.setdefault(command, {})
        call = calls.setdefault(_build_key(instance_id, part), Call(sent_at=self.clock.now()))
        if not call.command_id:
            seconds = limit or self.limit
            call.command_id = self.machines.send(
                instance_id, command.verb, options or {}, seconds=seconds, comment=self.comment
            )
        return call

    def poll(
        self, command: Command, instance_id: str, options: Options | None = None, *, limit: int = 0, part: str = ""
    ) -> dict[str, Any] | None:
        """Return the machine's result, None while it works. The first call sends the command.

        Raises:
            StepFailed: the machine refused, with its own reason.
            RetryableCommandError: the command did not reach the machine in MAX_DELIVERIES tries.
        """
        call = self.send_once(command, instance_id, options, limit=limit, part=part)
        try:
            result = self._read_result(call.command_id, instance_id, command.verb)
        except RetryableCommandError:
            if call.tries >= MAX_DELIVERIES:
                raise
            call.command_id, call.tries, call.sent_at = "", call.tries + 1, self.clock.now()
            return None
        if result is None:
            return None
        call.seconds = result.seconds
        if not result.ok:
            # A repeated step sends the command again instead of reading the same refusal.
            self.calls[command].pop(_build_key(instance_id, part))
            reason = str(result.facts.get("reason") or f"{command.verb} failed")
            raise StepFailed(reason, machine=instance_id, next_action=str(result.facts.get("next") or ""))
        return dict(result.facts)

    def _read_result(self, command_id: str, instance_id: str, verb: str) -> CommandResult | None:
        result = self.results.get(command_id) or self.machines.poll(command_id, instance_id, verb)
        if result is not None:
            self.results[command_id] = result
        return result

    def poll_until_ok(
        self, command: Command, instance_id: str, options: Options, *, waiting_for: str, limit: int = 0
    ) -> dict[str, Any] | Pending:
        """Return the machine's result, and send the command again after each refusal. Until it succeeds, return Pending with the reason.

        A command that never reached its machine is sent again too, as long as the step may take. RetryableCommandError: it cannot be sent.
        """
        call = self.send_once(command, instance_id, options, limit=limit)
        try:
            result = self.poll(command, instance_id, options, limit=limit)
        except (RetryableCommandError, StepFailed) as failure:
            if isinstance(failure, RetryableCommandError) and call.tries < MAX_DELIVERIES:
                raise
            self.reset(command, instance_id=instance_id)
            return Pending(f"{waiting_for}: {failure.reason}", machine=instance_id, next_action=failure.next_action)
        return Pending(waiting_for, machine=instance_id) if result is None else result

    def has_sent(self, command: Command, instance_id: str) -> bool:
        """Return whether the command was sent and not reset since."""
        return instance_id in self.calls.get(command, {})

    def has_sent_any(self, command: Command) -> bool:
        """Return whether the command was sent to any machine and not reset since."""
        return any(call.command_id for call in self.calls.get(command, {}).values())

    def get_sent_at(self, command: Command, instance_id: str) -> float:
        return self.calls[command][instance_id].sent_at

    def list_seconds(self, command: Command) -> list[float]:
        """Return how long the ended commands of this kind took on their machines, as Systems Manager measured it."""
        return [call.seconds for call in self.calls.get(command, {}).values() if call.seconds is not None]

    def reset(self, *commands: Command, instance_id: str = "") -> None:
        """Let the next poll() send these commands again: on one machine, or on all."""
        for command in commands:
            if instance_id:
                self.calls.get(command, {}).pop(instance_id, None)
            else:
                self.calls.pop(command, None)


def _build_key(instance_id: str, part: str) -> str:
    return f"{instance_id}/{part}" if part else instance_id
