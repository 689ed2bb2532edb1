"""Switch the targets between the scratch copy and the live data."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Literal

from common.errors import RetryableCommandError, StepFailed
from common.site_parameters import LIVE, SCRATCH

from procedure.commands import MILESTONE_WAIT_SECONDS, Options
from procedure.context import Context
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps.acceptance import accept, begin_acceptance
from procedure.steps.freeze_lease import renew_lease_if_due

Mode = Literal["scratch", "live"]


def accept_scratch(context: Context) -> Outcome:
    """Accept the whole target site on the scratch copy, while the source serves. In the window only its data is new.

    Every target is switched to the scratch copy first: an earlier run may have been interrupted while it activated the targets.
    """
    if switch_all(context, SCRATCH, Command.SERVE_SCRATCH) is None:
        return Pending("every instance of the target to serve the scratch copy")
    if waiting := context.tools.create_members(context.target.auto_scaling_group).list_unbalanced_members():
        return Pending(f"the load balancers to send to every instance ({'; '.join(waiting)})")
    return accept(context, Command.ACCEPT_SCRATCH)


def activate(context: Context) -> Outcome:
    """Let every target serve the live data: the staged ones, and those that were started meanwhile."""
    renew_lease_if_due(context)
    begin_acceptance(context)
    switched = switch_all(context, LIVE, Command.SERVE_LIVE, after="copied")
    if switched is None:
        return Pending("every instance of the target to serve the live data")
    context.state.outputs.activated = context.state.target.activated_at
    return Done({"instances": switched})


def stage_live(context: Context) -> None:
    """Stage every target: everything of the activation but the start of the application. The step activate collects the results.

    First the record, so that a roll back knows it, then the parameter: an instance that auto scaling starts from now on boots live.
    """
    context.tools.runs.update_facts(context.run.run_id, activated_at=context.format_now())
    context.tools.parameters.set_mode(LIVE)
    options: Options = {"run": context.run.run_id, "mode": LIVE}
    for member in context.tools.create_members(context.target.auto_scaling_group).list_members():
        with suppress(RetryableCommandError):  # it was started a moment ago: the step activate switches it
            context.commands.send_once(Command.STAGE, member.instance_id, options, limit=context.limits.activate)


def permit_activation(context: Context) -> None:
    """Let the targets start their application: they have all rows and files, and the digests of their rows are taken.

    So the comparison overlaps with the start. Nobody but the acceptance client reaches the targets, and it waits for the step accept-live.
    """
    target = context.state.target
    if not target.activated_at:
        context.tools.runs.update_facts(context.run.run_id, milestone="copied")
        target.activated_at = context.format_now()


def begin_activation(context: Context) -> None:
    """Send the activation before its time: it waits on each target until all rows and files are there.

    Only once: the step activate sends it to whatever joins the group meanwhile.
    """
    if context.commands.has_sent_any(Command.SERVE_LIVE):
        return
    options = _build_switch_options(context, LIVE, "copied")
    for member in context.tools.create_members(context.target.auto_scaling_group).list_members():
        with suppress(RetryableCommandError):  # the step activate sends it again
            context.commands.send_once(
                Command.SERVE_LIVE, member.instance_id, options, limit=_get_limit(context, "copied")
            )


def switch_all(context: Context, mode: Mode, command: Command, *, after: str = "") -> dict[str, Any] | None:
    """Switch all members to the mode. Return their results; None until every member, also a new one, has reported good health.

    `command`: each step has a key of its own, so that each step sends the command to every member again. `after`: the milestone for which
    each member waits first.
    """
    members = context.tools.create_members(context.target.auto_scaling_group).list_members()
    if not members:
        raise StepFailed(
            f"auto scaling group {context.target.auto_scaling_group} has no instances",
            next_action="look at the group's activity history",
        )
    options = _build_switch_options(context, mode, after)
    limit = _get_limit(context, after)
    results = {
        member.instance_id: _switch_one(context, member.instance_id, options, command, limit) for member in members
    }
    return None if any(result is None for result in results.values()) else results


def _build_switch_options(context: Context, mode: Mode, after: str) -> Options:
    return {"run": context.run.run_id, "mode": mode, "after": after}


def _get_limit(context: Context, after: str) -> int:
    return context.limits.activate + (MILESTONE_WAIT_SECONDS if after else 0)


def _switch_one(
    context: Context, instance_id: str, options: Options, command: Command, limit: int
) -> dict[str, Any] | None:
    """Switch one instance. Return None while the command runs or the instance cannot be reached: it may have just started."""
    try:
        return context.commands.poll(command, instance_id, options, limit=limit)
    except RetryableCommandError:
        context.commands.reset(command, instance_id=instance_id)
        return None


def return_targets_to_scratch(context: Context) -> Outcome:
    """Switch the targets back to the scratch copy, the parameter first. Also targets that never left it: that is harmless."""
    if not context.record.activated_at:
        return Done({"mode": "was never live"})
    if context.tools.parameters.read_mode() != SCRATCH:
        context.tools.parameters.set_mode(SCRATCH)
    switched = switch_all(context, SCRATCH, Command.RETURN_TO_SCRATCH)
    if switched is None:
        return Pending("every instance of the target to return to the scratch copy")
    context.tools.runs.update_facts(context.run.run_id, activated_at="")
    return Done({"instances": switched})
