"""Run the checks of `check-source` before an adoption."""

from __future__ import annotations

import argparse
from typing import Any

from cutover_site.adopt.adoption import Adoption
from cutover_site.adopt.site_file import Identity
from cutover_site.errors import Refused
from cutover_site.existing.check import Request, check_source
from cutover_site.existing.findings import Finding, format_findings
from cutover_site.existing.host import Host
from cutover_site.existing.managed_server import OpenServer, open_by_secret
from cutover_site.node import Node


def require_checks(adoption: Adoption, identity: Identity, options: argparse.Namespace) -> list[str]:
    """Return the warnings of the checks. Raises Refused with everything that would stop a migration, and for a role that this machine cannot have."""
    result, findings = run_checks(adoption, identity, options)
    if not result["ok"]:
        stopped = "; ".join(f"{one.what} (next: {one.action})" for one in findings if one.level != "warning")
        raise Refused(f"nothing was changed: {stopped}", next_action="do what each finding asks for, then adopt again")
    if missing := [role for role in identity.roles if role not in result["roles"]]:
        raise Refused(
            f"this machine has nothing for the role {' and '.join(missing)}: {', '.join(result['roles'])} was found",
            next_action="name the roles that this machine has by --role",
        )
    return [one.what for one in findings]


def run_checks(
    adoption: Adoption, identity: Identity, options: argparse.Namespace
) -> tuple[dict[str, Any], list[Finding]]:
    """Return the result of `check-source` and its findings. Without `--json` print the findings."""
    request = Request(
        provider=options.provider,
        settings=adoption.settings,
        schemas=tuple(name for name in options.schema.split(",") if name),
        options_file=options.defaults_file,
        replication_user=options.replication_user,
        site=identity.site,
        seconds=options.seconds,
        open_managed=_open_managed(adoption, identity),
    )
    result, findings = check_source(Host(adoption.layout.root), adoption.profile, request)
    if not options.json:
        print("\n".join(format_findings(findings, adoption.host.name)))
    return result, findings


def _open_managed(adoption: Adoption, identity: Identity) -> OpenServer | None:
    """Return how to connect to a managed database: with the secret of its administrator, which this node reads with its own role."""
    if identity.administrator is None:
        return None

    def read_secret(name: str) -> dict[str, str]:
        from cutover_site.aws.session import Aws

        node = Node(identity.node_id, is_named=True)
        return Aws(site=identity.site, region=identity.region, node=node, root=adoption.layout.root).read_secret(name)

    return open_by_secret(read_secret, identity.administrator)
