"""The point of no return, and what follows it. After the commit nothing can fail the run: what cannot be done becomes a warning."""

from __future__ import annotations

from contextlib import suppress

from common.clients.admission import EVERYONE
from common.clock import iso
from common.errors import CutoverError, StepFailed

from procedure.context import Context
from procedure.logic.endpoints import admission_ports, http_port, ports_without_name, public_names, tls_name
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command


def commit(context: Context) -> Outcome:
    """POINT OF NO RETURN. One conditional write; the source's dead man's switch and the roll back write the same attribute."""
    if context.time_left <= 0:
        raise StepFailed(
            "the deploy will have given up waiting for this run",
            next_action="deploy again; find what took so long in the evidence",
        )
    committed = context.tools.runs.commit(context.run.run_id, margin=context.limits.commit_margin)
    frozen = context.require(context.state.window.frozen_at, "when the source was frozen")
    outputs = context.state.outputs
    outputs.committed, outputs.frozen = iso(committed), iso(frozen)
    outputs.window_seconds = round(committed - frozen, 3)
    outputs.site_url = context.target.site_url
    return Done(outputs.to_json())


def admit(context: Context) -> Outcome:
    """Then the source is told where to send what still arrives there. `forward` does that again, and says so when it cannot be done."""
    _allow_all_traffic(context)
    with suppress(CutoverError):
        context.commands.send_once(
            Command.FORWARD, context.replication.source_app_instance_id, _forward_options(context)
        )
    return Done({"ports": admission_ports(context.target), "cidrs": EVERYONE})


def _allow_all_traffic(context: Context) -> None:
    ports = admission_ports(context.target)
    context.tools.admission(context.target.admission_security_group_id).admit(EVERYONE, ports, note="everyone")
    context.state.target.opened_at = context.stamp()


def allow_target_traffic_late(context: Context) -> None:
    """While nobody can reach the target the site is down: where `admit` was given up, each later step that is for users tries again."""
    if context.state.target.opened_at:
        return
    with suppress(CutoverError):
        _allow_all_traffic(context)
        context.warn(f"Admit everyone: done after all, by {context.step.name}")


def forward(context: Context) -> Outcome:
    """Whoever still has the old address is served by the target, through the source's proxy. A source that says no is asked again."""
    allow_target_traffic_late(context)
    result = context.commands.poll_until_ok(
        Command.FORWARD,
        context.replication.source_app_instance_id,
        _forward_options(context),
        waiting_for="the source's proxy to forward to the target",
    )
    return result if isinstance(result, Pending) else Done(result)


def _forward_options(context: Context) -> dict[str, str | int | bool]:
    target = context.target
    options: dict[str, str | int | bool] = {
        "run": context.run.run_id,
        "http": f"{target.load_balancer_dns}:{http_port(target)}",
        **{port.name: port.address for port in target.tcp},
    }
    if name := tls_name(target):
        options["tls"] = name
    return options


def point_name(context: Context) -> Outcome:
    """The old record sets are kept in the evidence: putting them back by hand is possible."""
    allow_target_traffic_late(context)
    target = context.target
    if not target.hosted_zone_id:
        context.warn(
            f"no hosted zone is configured: point {target.site_dns_name} to {target.load_balancer_dns} where its zone is kept"
        )
        return Done({"changed": []})
    name, moves = context.tools.public_name(target.hosted_zone_id), public_names(target)
    for port in ports_without_name(target):
        what = context.settings.profile.port(port.name).description
        context.warn(
            f"{target.site_dns_name} leads to the load balancer for HTTP, and {what} has no other name: "
            f"give it one that leads to {port.load_balancer_dns}"
        )
    target_state = context.state.target
    if not target_state.previous_record_sets:
        target_state.previous_record_sets = {host: [dict(one) for one in name.record(host)] for host, _, _ in moves}
    failures: list[CutoverError] = []
    for host, dns, zone in moves:  # a name that cannot be moved keeps no other one at the source
        try:
            name.point(host, load_balancer_dns=dns, load_balancer_zone_id=zone)
        except CutoverError as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return Done({"before": target_state.previous_record_sets, "after": {host: dns for host, dns, _ in moves}})
