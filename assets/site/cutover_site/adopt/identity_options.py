"""Read what the operator states about a machine from the options of `adopt`, and check its form."""

from __future__ import annotations

import argparse
import re

from cutover_site.adopt.site_file import Identity
from cutover_site.config import Administrator
from cutover_site.errors import NotConfigured, Refused
from cutover_site.existing.check import APPLICATION, DATABASE
from cutover_site.machine import Machine
from cutover_site.node import claim

ROLES = (APPLICATION, DATABASE)
FORMS = {
    "site": (re.compile(r"[a-z](-?[a-z0-9]){0,19}"), "site.name of migration.toml"),
    "region": (re.compile(r"[a-z]{2}(-[a-z]+)+-\d"), "aws.region of migration.toml, such as us-east-1"),
    "node_id": (re.compile(r"i-([0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17}"), "the id that `aws ssm describe-instance-information` lists, i-… or mi-…"),
}  # fmt: skip
"""form of each name that is written on this machine, and where to find it"""


def read_identity(machine: Machine, options: argparse.Namespace) -> Identity:
    """Return what the operator states. Raises Refused when this machine is another one than the node that the operator names."""
    _check_forms(options)
    roles = tuple(dict.fromkeys(options.role))
    administrator = None
    if options.administrator_secret:
        administrator = Administrator(options.administrator_secret, options.database_tls)
        if set(roles) != set(ROLES):
            raise Refused(
                "a managed database is administered by the application server, which then has both roles",
                next_action=f"name both roles: {' '.join(f'--role {role}' for role in ROLES)}",
            )
    _node, hardware = claim(machine.layout.root, options.node_id, None, machine.metadata)
    return Identity(
        options.site,
        options.region,
        options.node_id,
        roles,
        options.site_secret,
        options.application_secret,
        hardware,
        administrator,
    )


def _check_forms(options: argparse.Namespace) -> None:
    """Raise NotConfigured for a name that no migration can have: a run would refuse this machine later."""
    for key, (form, place) in FORMS.items():
        given = getattr(options, key)
        if not form.fullmatch(given):
            name = key.replace("_", "-")
            raise NotConfigured(f"--{name} is {given!r}, which is no {name}", next_action=f"name {place}")
