"""Let the source forward to the target. The command is sent before the commit, and the source waits for the commit by itself."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from common.errors import CutoverError

from procedure.commands import MILESTONE_WAIT_SECONDS, Options
from procedure.context import Context
from procedure.logic.endpoints import list_forward_options
from procedure.outcome import Pending
from procedure.state.commands import Command


def begin_forward(context: Context) -> None:
    """Send the forward before its time: it waits on the source until the run is committed and everybody is admitted to the targets."""
    with suppress(CutoverError):  # the step admit sends it again
        context.commands.send_once(
            Command.FORWARD,
            context.replication.source_app_instance_id,
            _build_options(context),
            limit=_get_limit(context),
        )


def _build_options(context: Context) -> Options:
    """Return the options of the forward. The source waits for the commit by itself, however early it gets the command."""
    return {"run": context.run.run_id, "after": "admitted", **list_forward_options(context.target)}


def poll_forward(context: Context) -> dict[str, Any] | Pending:
    """Return the source's result. Send the command again after each refusal."""
    return context.commands.poll_until_ok(
        Command.FORWARD,
        context.replication.source_app_instance_id,
        _build_options(context),
        waiting_for="the source's proxy to forward to the target",
        limit=_get_limit(context),
    )


def _get_limit(context: Context) -> int:
    return context.limits.command + MILESTONE_WAIT_SECONDS
