"""Test the permissions that the procedure needs after the commit: a missing permission could not be rolled back then."""

from __future__ import annotations

from typing import Any

from common.errors import StepFailed
from common.record_sets import is_same_name
from common.site_parameters import SCRATCH

from procedure.context import Context
from procedure.logic.endpoints import list_public_names, list_public_ports


def check_permissions(context: Context) -> dict[str, Any]:
    """Test each permission by a change without effect.

    The changes are an ingress rule for an address that nobody has, DNS records written as they are, copies of them moved below an unused name, and
    a parameter set to its own value.
    """
    target = context.target
    for key in ("admission_security_group_id", "load_balancer_dns", "auto_scaling_group"):
        if not getattr(target, key):
            raise StepFailed(f"the target's {key} is not known", next_action="deploy MigrationStack again")
    if context.tools.parameters.read_mode() != SCRATCH:
        raise StepFailed(
            "the target is in mode live before the commit",
            next_action="set the parameter mode to scratch when no run is active",
        )
    tried: dict[str, Any] = {"mode": "set to what it is", "admission": "a rule for TEST-NET-1 came and went"}
    context.tools.parameters.set_mode(SCRATCH)
    ingress = context.tools.create_ingress(target.admission_security_group_id)
    for port in list_public_ports(target):
        ingress.probe(port)
    return tried | (_check_public_names(context) if target.hosted_zone_id else _resolve_public_names(context))


def _resolve_public_names(context: Context) -> dict[str, Any]:
    """Return where the public names lead now, for a zone that is not in Route 53. Warn of a name that leads nowhere."""
    found = {name: sorted(context.tools.resolve(name)) for name, _, _ in list_public_names(context.target)}
    for name, addresses in found.items():
        if not addresses:
            context.warn(
                f"{name} has no address: check the name in migration.toml, and create it at its zone before the cutover"
            )
    return {"public_names": found}


def _check_public_names(context: Context) -> dict[str, Any]:
    """Check the public names. Return the record sets as they are now: a manual way back after the commit restores these."""
    target = context.target
    for port in target.tcp:
        if is_same_name(target.site_dns_name, port.dns_name):
            what = context.settings.profile.get_port(port.name).description
            raise StepFailed(
                f"the site and {what} have the same name, {target.site_dns_name}; a load balancer for HTTP carries no {port.name.upper()}",
                next_action=f"set site.{port.name}_dns_name in migration.toml to a name of its own, and deploy again",
            )
    name, moves = context.tools.create_public_name(target.hosted_zone_id), list_public_names(target)
    for warning in name.check_zone([host for host, _, _ in moves]):
        context.warn(warning)
    return {
        "public_names": {
            host: {
                "record_sets": name.list_record_sets(host),
                "tried": name.probe(host, load_balancer_dns=dns, load_balancer_zone_id=zone),
            }
            for host, dns, zone in moves
        }
    }
