"""The target site: what mode its instances are in, and whether it passes through its load balancers."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Literal

from common.errors import RetryableCommandError, StepFailed
from common.site_parameters import LIVE, SCRATCH

from procedure.context import Context
from procedure.logic.acceptance import passed
from procedure.logic.endpoints import admission_ports
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps.freeze_lease import keep_lease

Mode = Literal["scratch", "live"]


def accept_scratch(context: Context) -> Outcome:
    """The whole target site, on the copy, while the source serves: nothing of the target is new in the window but the data.

    Each instance is told first: an earlier run may have been cut off while it turned them to the live data.
    """
    if switch_all(context, SCRATCH, Command.SERVE_SCRATCH) is None:
        return Pending("every instance of the target to serve the copy")
    if waiting := context.tools.members(context.target.auto_scaling_group).not_balanced():
        return Pending(f"the load balancers to send to every instance ({'; '.join(waiting)})")
    return _accept(context, Command.ACCEPT_SCRATCH)


def activate(context: Context) -> Outcome:
    """Those that turned before, and those that came meanwhile, serve."""
    keep_lease(context)
    target = context.state.target
    target.activated_at = target.activated_at or context.stamp()
    switched = switch_all(context, LIVE, Command.SERVE_LIVE)
    if switched is None:
        return Pending("every instance of the target to serve the live data")
    context.state.outputs.activated = target.activated_at
    return Done({"instances": switched})


def accept_live(context: Context) -> Outcome:
    """Through the load balancers, which still admit the acceptance client alone. What the checks made is taken away after the commit."""
    keep_lease(context)
    return _accept(context, Command.ACCEPT_LIVE, live=True)


def tidy(context: Context) -> Outcome:
    """After the commit: nobody waits for it. Any instance can do it; the acceptance client may have gone since."""
    tester, target = _tester(context), context.target
    if tester is None:
        return Pending("an instance of the target in service")
    options: dict[str, str | int | bool] = {"url": target.site_url, "resolve": target.load_balancer_dns}
    answer = context.commands.poll(Command.TIDY, tester, options, limit=context.limits.accept)
    if answer is None:
        return Pending("what the acceptance suite made to be taken away", machine=tester)
    return Done(answer)


def turn_to_live(context: Context) -> None:
    """Every instance turns to the live data, but for the start of the application; `activate` collects.

    First on record, so that a roll back knows of it, then the parameter: an instance that auto scaling starts from now on boots live.
    """
    context.tools.runs.update_facts(context.run.run_id, turned=context.stamp())
    context.tools.parameters.set_mode(LIVE)
    options: dict[str, str | int | bool] = {"run": context.run.run_id, "mode": LIVE}
    for member in context.tools.members(context.target.auto_scaling_group).members():
        with suppress(RetryableCommandError):  # it has only just been started: `activate` tells it
            context.commands.send_once(Command.STAGE, member.instance_id, options, limit=context.limits.activate)


def switch_all(context: Context, mode: Mode, command: Command) -> dict[str, Any] | None:
    """All members at once; None until each of them, also those that came meanwhile, has answered that its health is good.

    `command`: each step has its own, so that each asks every member again.
    """
    members = context.tools.members(context.target.auto_scaling_group).members()
    if not members:
        raise StepFailed(
            f"auto scaling group {context.target.auto_scaling_group} has no instances",
            next_action="look at the group's activity history",
        )
    answers = {member.instance_id: _switched(context, member.instance_id, mode, command) for member in members}
    return None if any(answer is None for answer in answers.values()) else answers


def _switched(context: Context, instance_id: str, mode: Mode, command: Command) -> dict[str, Any] | None:
    """The instance's answer. None also when it cannot be reached: auto scaling may have started it a moment ago; the step's limit decides."""
    options = {"run": context.run.run_id, "mode": mode}
    try:
        return context.commands.poll(command, instance_id, options, limit=context.limits.activate)
    except RetryableCommandError:
        context.commands.reset(command, instance_id=instance_id)
        return None


def _accept(context: Context, command: Command, *, live: bool = False) -> Outcome:
    tester = _tester(context)
    if tester is None:
        return Pending("an instance of the target in service")
    target = context.target
    _admit_tester(context, tester)
    options: dict[str, str | int | bool] = {
        "url": target.site_url,
        "resolve": target.load_balancer_dns,
        **{port.name: port.address for port in target.tcp},
        "live": live,
    }
    answer = context.commands.poll(command, tester, options, limit=context.limits.accept)
    if answer is None:
        return Pending("the acceptance suite through the load balancers", machine=tester)
    return Done({"tester": tester, **passed(answer, tester, context.settings.profile.required_checks)})


def _tester(context: Context) -> str | None:
    """One target instance, the same for all polls of the run as long as it serves."""
    serving = sorted(
        m.instance_id for m in context.tools.members(context.target.auto_scaling_group).members() if m.in_service
    )
    target = context.state.target
    if target.tester not in serving:
        context.commands.reset(Command.ACCEPT_SCRATCH, Command.ACCEPT_LIVE)
        target.tester, target.tester_addresses = serving[0] if serving else "", []
    return target.tester or None


def _admit_tester(context: Context, tester: str) -> None:
    if context.state.target.tester_addresses:
        return
    instance = context.tools.compute.instance(tester)
    addresses = context.tools.compute.outbound_addresses(instance) if instance else []
    if not addresses:
        raise StepFailed(
            "the acceptance client has no public address to be admitted by",
            machine=tester,
            next_action="check the NAT gateways of the target's VPC",
        )
    cidrs = [f"{address}/32" for address in addresses]
    admission = context.tools.admission(context.target.admission_security_group_id)
    admission.admit(cidrs, admission_ports(context.target), note=f"acceptance of {context.run.run_id}")
    context.state.target.tester_addresses = cidrs


def rollback_targets(context: Context) -> Outcome:
    """Parameter first, as in the window. Instances that never left the copy are told too: it is harmless, and certain."""
    if not context.record.turned:
        return Done({"mode": "was never live"})
    if context.tools.parameters.mode() != SCRATCH:
        context.tools.parameters.set_mode(SCRATCH)
    switched = switch_all(context, SCRATCH, Command.RETURN_TO_SCRATCH)
    if switched is None:
        return Pending("every instance of the target to go back to the copy")
    context.tools.runs.update_facts(context.run.run_id, turned="")
    return Done({"instances": switched})
