"""Switch the targets between the scratch copy and the live data, and run the acceptance suite through the load balancers."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Literal

from common.errors import CutoverError, RetryableCommandError, StepFailed
from common.site_parameters import LIVE, SCRATCH

from procedure.context import Context
from procedure.logic.acceptance import require_passed
from procedure.logic.endpoints import list_forward_options, list_public_ports
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps.freeze_lease import renew_lease_if_due

Mode = Literal["scratch", "live"]
Options = dict[str, str | int | bool]
WAIT_SECONDS = 120
"""how long the tool on a machine waits for a milestone (assets/site/cutover_site/aws/milestones.py). Its command may take that much longer"""


def accept_scratch(context: Context) -> Outcome:
    """Accept the whole target site on the scratch copy, while the source serves. In the window only its data is new.

    Every target is switched to the scratch copy first: an earlier run may have been interrupted while it activated the targets.
    """
    if switch_all(context, SCRATCH, Command.SERVE_SCRATCH) is None:
        return Pending("every instance of the target to serve the scratch copy")
    if waiting := context.tools.create_members(context.target.auto_scaling_group).list_unbalanced_members():
        return Pending(f"the load balancers to send to every instance ({'; '.join(waiting)})")
    return _accept(context, Command.ACCEPT_SCRATCH)


def activate(context: Context) -> Outcome:
    """Let every target serve the live data: the staged ones, and those that were started meanwhile."""
    renew_lease_if_due(context)
    target = context.state.target
    if not target.activated_at:
        context.tools.runs.update_facts(context.run.run_id, milestone="verified")
        target.activated_at = context.format_now()
    _begin_acceptance(context)
    switched = switch_all(context, LIVE, Command.SERVE_LIVE, after="verified")
    if switched is None:
        return Pending("every instance of the target to serve the live data")
    context.state.outputs.activated = target.activated_at
    return Done({"instances": switched})


def accept_live(context: Context) -> Outcome:
    """Accept the live site through the load balancers, which only the acceptance client can reach. Its test data is removed after the commit."""
    renew_lease_if_due(context)
    target = context.state.target
    if not target.accepting_at:
        context.tools.runs.update_facts(context.run.run_id, milestone="activated")
        target.accepting_at = context.format_now()
    begin_forward(context)
    return _accept(context, Command.ACCEPT_LIVE, live=True)


def clean_up(context: Context) -> Outcome:
    """Remove what the acceptance suite made. After the commit, because no user waits for it, and on any instance: the client may be gone."""
    tester, target = _select_tester(context), context.target
    if tester is None:
        return Pending("an instance of the target in service")
    options: dict[str, str | int | bool] = {"url": target.site_url, "resolve": target.load_balancer_dns}
    result = context.commands.poll(Command.TIDY, tester, options, limit=context.limits.accept)
    if result is None:
        return Pending("the removal of what the acceptance suite made", machine=tester)
    return Done(result)


def stage_live(context: Context) -> None:
    """Stage every target: everything of the activation but the start of the application. The step activate collects the results.

    First the record, so that a roll back knows it, then the parameter: an instance that auto scaling starts from now on boots live.
    """
    context.tools.runs.update_facts(context.run.run_id, activated_at=context.format_now())
    context.tools.parameters.set_mode(LIVE)
    options: dict[str, str | int | bool] = {"run": context.run.run_id, "mode": LIVE}
    for member in context.tools.create_members(context.target.auto_scaling_group).list_members():
        with suppress(RetryableCommandError):  # it was started a moment ago: the step activate switches it
            context.commands.send_once(Command.STAGE, member.instance_id, options, limit=context.limits.activate)


def begin_activation(context: Context) -> None:
    """Send the activation before its time: it waits on each target until the changes are verified."""
    options = _build_switch_options(context, LIVE, "verified")
    for member in context.tools.create_members(context.target.auto_scaling_group).list_members():
        with suppress(RetryableCommandError):  # the step activate sends it again
            context.commands.send_once(
                Command.SERVE_LIVE, member.instance_id, options, limit=_get_limit(context, "verified")
            )


def _begin_acceptance(context: Context) -> None:
    """Send the live acceptance before its time: it waits on its machine until every target serves the live data."""
    tester = _select_tester(context)
    if tester is None:
        return
    _allow_tester(context, tester)
    with suppress(RetryableCommandError):  # the step accept-live sends it again
        context.commands.send_once(
            Command.ACCEPT_LIVE,
            tester,
            _build_acceptance_options(context, live=True),
            limit=_get_acceptance_limit(context, live=True),
        )


def begin_forward(context: Context) -> None:
    """Send the forward before its time: it waits on the source until the run is committed and everybody is admitted to the targets."""
    with suppress(CutoverError):  # the step admit sends it again
        context.commands.send_once(
            Command.FORWARD,
            context.replication.source_app_instance_id,
            build_forward_options(context),
            limit=context.limits.command + WAIT_SECONDS,
        )


def build_forward_options(context: Context) -> Options:
    """Return the options of the forward. The source waits for the commit by itself, however early it gets the command."""
    return {"run": context.run.run_id, "after": "admitted", **list_forward_options(context.target)}


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
    return context.limits.activate + (WAIT_SECONDS if after else 0)


def _switch_one(
    context: Context, instance_id: str, options: Options, command: Command, limit: int
) -> dict[str, Any] | None:
    """Switch one instance. Return None while the command runs or the instance cannot be reached: it may have just started."""
    try:
        return context.commands.poll(command, instance_id, options, limit=limit)
    except RetryableCommandError:
        context.commands.reset(command, instance_id=instance_id)
        return None


def _accept(context: Context, command: Command, *, live: bool = False) -> Outcome:
    tester = _select_tester(context)
    if tester is None:
        return Pending("an instance of the target in service")
    _allow_tester(context, tester)
    options = _build_acceptance_options(context, live=live)
    result = context.commands.poll(command, tester, options, limit=_get_acceptance_limit(context, live=live))
    if result is None:
        return Pending("the acceptance suite through the load balancers", machine=tester)
    return Done({"tester": tester, **require_passed(result, tester, context.settings.profile.required_checks)})


def _build_acceptance_options(context: Context, *, live: bool) -> Options:
    target = context.target
    return {
        "url": target.site_url,
        "resolve": target.load_balancer_dns,
        **{port.name: port.address for port in target.tcp},
        "live": live,
        **({"run": context.run.run_id, "after": "activated"} if live else {}),
    }


def _get_acceptance_limit(context: Context, *, live: bool) -> int:
    return context.limits.accept + (WAIT_SECONDS if live else 0)


def _select_tester(context: Context) -> str | None:
    """Select the instance that runs the acceptance suite. Keep it for the whole run while it is in service; None when no instance is."""
    serving = sorted(
        m.instance_id
        for m in context.tools.create_members(context.target.auto_scaling_group).list_members()
        if m.in_service
    )
    target = context.state.target
    if target.tester not in serving:
        context.commands.reset(Command.ACCEPT_SCRATCH, Command.ACCEPT_LIVE)
        target.tester, target.tester_addresses = serving[0] if serving else "", []
    return target.tester or None


def _allow_tester(context: Context, tester: str) -> None:
    if context.state.target.tester_addresses:
        return
    instance = context.tools.compute.find_instance(tester)
    addresses = context.tools.compute.list_outbound_addresses(instance) if instance else []
    if not addresses:
        raise StepFailed(
            "the acceptance client has no public address that could be allowed",
            machine=tester,
            next_action="check the NAT gateways of the target's VPC",
        )
    cidrs = [f"{address}/32" for address in addresses]
    ingress = context.tools.create_ingress(context.target.admission_security_group_id)
    ingress.allow(cidrs, list_public_ports(context.target), note=f"acceptance of {context.run.run_id}")
    context.state.target.tester_addresses = cidrs


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
