"""Commands that the steps of the window send, early enough that each one waits on its machine for what it depends on."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

from common.errors import RetryableCommandError
from common.freeze_bounds import ATTEMPTS_MARGIN_SECONDS, ATTEMPTS_SHARE_OF_LEASE

from procedure.commands import Options
from procedure.context import Context
from procedure.state.commands import Command
from procedure.steps.gate import WINDOW_SECONDS


def build_freeze_options(context: Context) -> Options:
    """Return the options of the freeze.

    The attempts leave a third of the lease, which the next step renews, and the rest of the window if the deploy gives up soon. They end with
    the maintenance window.
    """
    limits, closes_at = context.limits, context.settings.gate.closes_at
    within = int(
        min(
            closes_at - context.clock.now() if closes_at else math.inf,
            limits.stop_writes - ATTEMPTS_MARGIN_SECONDS,
            limits.freeze_lease * ATTEMPTS_SHARE_OF_LEASE,
            context.time_left - WINDOW_SECONDS,
        )
    )
    return {
        "run": context.run.run_id,
        "lease": limits.freeze_lease,
        "attempt": limits.freeze_attempt,
        "attempts": limits.freeze_attempts,
        "hold": limits.freeze_hold,
        "within": max(within, limits.freeze_attempt),
    }


def send_waiting_commands(context: Context) -> None:
    """Send the commands that depend on the freeze. Each waits on its machine until the source has reported that it holds writes."""
    for send in (send_database_freeze, send_delta):
        with suppress(RetryableCommandError):  # the machine cannot be reached now: it is sent again after the freeze
            send(context)


def send_wait_for_marker(context: Context) -> None:
    """Start to wait for the marker on the replica, unless this was sent before. The wait begins with the freeze, so that it ends at once."""
    limits = context.limits
    wait = limits.stop_writes + limits.freeze + limits.drain
    options: Options = {"run": context.run.run_id, "timeout": wait}
    context.commands.send_once(Command.WAIT_MARKER, context.replica, options, limit=wait + 15)


def send_database_freeze(context: Context) -> None:
    """Send the freeze of the database, unless it was sent before."""
    options: Options = {
        **_build_wait_options(context),
        "since": context.require(context.state.source.log_position, "the log position from before the comparison"),
        "keys": ",".join(context.state.comparison.tables_compared_by_key),
    }
    context.commands.send_once(
        Command.FREEZE_DATABASE,
        context.replication.source_database_instance_id,
        options,
        limit=context.limits.freeze + context.limits.stop_writes,
    )


def send_delta(context: Context) -> None:
    """Send the delta, unless it was sent before."""
    limit = context.limits.delta
    options: Options = {
        **_build_wait_options(context),
        "source": context.require(context.state.source.address, "the source's private address"),
        "since": context.require(context.state.source.files_compared_since, "when the files were compared"),
        "timeout": limit,
    }
    context.commands.send_once(Command.DELTA, context.replica, options, limit=limit + context.limits.stop_writes)


def _build_wait_options(context: Context) -> Options:
    """Return the options of a command that does nothing before the source holds all writes."""
    return {"run": context.run.run_id, "after": "held", "wait": context.limits.stop_writes}


def prove_frozen(context: Context, command: Command) -> dict[str, Any] | None:
    """Check that nothing was written to the source's database since the marker. None while its server works; StepFailed after a write."""
    database = context.replication.source_database_instance_id
    return context.commands.poll(command, database, {"run": context.run.run_id})
