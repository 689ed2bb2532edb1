"""The point of no return, and the steps after it. After the commit no step can fail the run: its failure becomes a warning."""

from __future__ import annotations

from contextlib import suppress

from common.clients.ingress import EVERYONE
from common.clock import format_iso
from common.errors import CutoverError, StepFailed
from common.record_sets import leads_only_to

from procedure.context import Context
from procedure.logic.endpoints import (
    list_ports_without_name,
    list_public_names,
    list_public_ports,
)
from procedure.outcome import Done, Outcome, Pending
from procedure.steps.forwarding import begin_forward, poll_forward


def commit(context: Context) -> Outcome:
    """Commit the run: POINT OF NO RETURN. One conditional write; the source's dead man's switch and the roll back write the same attribute."""
    if context.time_left <= 0:
        raise StepFailed(
            "the deploy will have given up waiting for this run",
            next_action="deploy again; find what took so long in the evidence",
        )
    committed = context.tools.runs.commit(context.run.run_id, margin=context.limits.commit_margin)
    frozen = context.require(context.state.window.frozen_at, "when the source was frozen")
    outputs = context.state.outputs
    outputs.committed, outputs.frozen = format_iso(committed), format_iso(frozen)
    outputs.window_seconds = round(committed - frozen, 3)
    outputs.site_url = context.target.site_url
    return Done(outputs.to_json())


def allow_target_traffic(context: Context) -> Outcome:
    """Allow target traffic from everywhere, then let the source forward to the target. The step forward repeats that and reports a failure."""
    _allow_all_traffic(context)
    begin_forward(context)
    return Done({"ports": list_public_ports(context.target), "cidrs": EVERYONE})


def _allow_all_traffic(context: Context) -> None:
    ports = list_public_ports(context.target)
    context.tools.create_ingress(context.target.admission_security_group_id).allow(EVERYONE, ports, note="everyone")
    context.tools.runs.update_facts(context.run.run_id, milestone="admitted")
    context.state.target.opened_at = context.format_now()


def allow_target_traffic_late(context: Context) -> None:
    """Allow target traffic when the step admit has failed. Every later step for users tries that: until then the site is down."""
    if context.state.target.opened_at:
        return
    with suppress(CutoverError):
        _allow_all_traffic(context)
        context.warn(f"Admit everyone: done after all, by {context.step.name}")


def forward(context: Context) -> Outcome:
    """Let the source's proxy forward to the target: what it holds, and users with the old address. Sent again after a refusal of the source."""
    allow_target_traffic_late(context)
    result = poll_forward(context)
    if not isinstance(result, Pending):
        return Done(result)
    # Not again in each poll: the step point-name repeats it and reports a failure.
    if not context.state.target.names_tried_at:
        context.state.target.names_tried_at = context.format_now()
        with suppress(CutoverError):
            _move_names(context)
    return result


def point_name(context: Context) -> Outcome:
    """Point the public names to the load balancers. The old record sets are kept in the evidence and can be restored by hand."""
    allow_target_traffic_late(context)
    target = context.target
    if not target.hosted_zone_id:  # the step await-names waits for it
        return Done({"elsewhere": {host: dns for host, dns, _ in list_public_names(target)}})
    moves = list_public_names(target)
    for port in list_ports_without_name(target):
        what = context.settings.profile.get_port(port.name).description
        context.warn(
            f"{target.site_dns_name} leads to the load balancer for HTTP, and {what} has no other name: "
            f"give it one that leads to {port.load_balancer_dns}"
        )
    _move_names(context)
    return Done({"before": context.state.target.previous_record_sets, "after": {host: dns for host, dns, _ in moves}})


def _move_names(context: Context) -> None:
    """Point each name to its load balancer. Keep the old record sets of the first call. Raises the first failure, after all names were tried.

    A name that an earlier try has moved has no old record sets any more: the evidence of the preflight has them.
    """
    target, target_state = context.target, context.state.target
    if not target.hosted_zone_id:
        return
    name, moves = context.tools.create_public_name(target.hosted_zone_id), list_public_names(target)
    if not target_state.previous_record_sets:
        found = {host: [dict(one) for one in name.list_record_sets(host)] for host, _, _ in moves}
        target_state.previous_record_sets = {
            host: found[host] for host, dns, _ in moves if not leads_only_to(found[host], dns)
        }
    failures: list[CutoverError] = []
    for host, dns, zone in moves:  # one name that cannot be moved does not keep the others at the source
        try:
            name.point_name(host, load_balancer_dns=dns, load_balancer_zone_id=zone)
        except CutoverError as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
