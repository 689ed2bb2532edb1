"""A command that a machine has refused is sent again by the next try of its step, which does not read the same refusal."""

from __future__ import annotations

import pytest
from common.clients.machines import CommandResult
from common.errors import StepFailed
from procedure.state.commands import Command
from procedure.state.state import State

from tests.unit.procedure.contexts import build_context
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.machines import REPLICA
from tests.unit.procedure.world import World


def test_a_refused_command_is_sent_again(world: World) -> None:
    state = State()
    world.responses["delta-key"] = failing_response("no key yet")
    with pytest.raises(StepFailed, match="no key yet"):
        build_context(world, "allow-delta", run_id="m1-c-1", state=state).commands.poll(Command.DELTA_KEY, REPLICA)

    world.responses["delta-key"] = lambda *_: CommandResult(ok=True, facts={"ok": True})
    context = build_context(world, "allow-delta", run_id="m1-c-1", state=state)

    assert context.commands.poll(Command.DELTA_KEY, REPLICA) == {"ok": True}
    assert len(world.sent) == 2


def test_a_command_that_succeeded_is_not_sent_again(world: World) -> None:
    commands = build_context(world, "allow-delta", run_id="m1-c-1").commands

    assert commands.poll(Command.DELTA_KEY, REPLICA) == commands.poll(Command.DELTA_KEY, REPLICA)
    assert len(world.sent) == 1
