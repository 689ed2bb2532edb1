"""Run the acceptance suite through the load balancers, on one instance of the target, and remove what it has made."""

from __future__ import annotations

from contextlib import suppress

from common.errors import RetryableCommandError, StepFailed

from procedure.commands import MILESTONE_WAIT_SECONDS, Options
from procedure.context import Context
from procedure.logic.acceptance import require_passed
from procedure.logic.endpoints import list_public_ports
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps.forwarding import begin_forward
from procedure.steps.freeze_lease import renew_lease_if_due


def accept_live(context: Context) -> Outcome:
    """Accept the live site through the load balancers, which only the acceptance client can reach. Its test data is removed after the commit."""
    renew_lease_if_due(context)
    target = context.state.target
    if not target.accepting_at:
        context.tools.runs.update_facts(context.run.run_id, milestone="activated")
        target.accepting_at = context.format_now()
    begin_forward(context)
    return accept(context, Command.ACCEPT_LIVE, live=True)


def clean_up(context: Context) -> Outcome:
    """Remove what the acceptance suite made. After the commit, because no user waits for it, and on any instance: the client may be gone."""
    tester, target = select_tester(context), context.target
    if tester is None:
        return Pending("an instance of the target in service")
    options: Options = {"url": target.site_url, "resolve": target.load_balancer_dns}
    result = context.commands.poll(Command.TIDY, tester, options, limit=context.limits.accept)
    if result is None:
        return Pending("the removal of what the acceptance suite made", machine=tester)
    return Done(result)


def begin_acceptance(context: Context) -> None:
    """Send the live acceptance before its time: it waits on its machine until every target serves the live data.

    Only once: the step accept-live selects another instance when this one leaves the group.
    """
    if context.commands.has_sent_any(Command.ACCEPT_LIVE):
        return
    tester = select_tester(context)
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


def accept(context: Context, command: Command, *, live: bool = False) -> Outcome:
    """Run the acceptance suite on an instance of the target, through the load balancers. StepFailed names the checks that failed."""
    tester = select_tester(context)
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
    return context.limits.accept + (MILESTONE_WAIT_SECONDS if live else 0)


def select_tester(context: Context) -> str | None:
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
