"""Define the verbs of a machine's identity: configure and own (Ansible), guard."""

from __future__ import annotations

import argparse
from typing import Any

from cutover_site.cli import Option, Verb
from cutover_site.configured_for import find_rejection_reason, write_configured_for
from cutover_site.errors import Refused
from cutover_site.launch import source
from cutover_site.machine import Machine

Facts = dict[str, Any]


def configure(machine: Machine, options: argparse.Namespace) -> Facts:
    """Configure the source (Ansible). With `--check` change nothing.

    Raises Refused for an installation whose data or address the settings would lose.
    """
    if options.check:
        source.check(machine)
        return {"changed": False}
    return source.configure(machine)


def claim_identity(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Record that this machine is the source, and no copy of its disk is (Ansible).

    The guard and the dead man's switch read that record. Raises Refused on another machine than the one that site.json names.
    """
    return {"changed": write_configured_for(machine.layout, machine.claim_source())}


def check_identity(machine: Machine, _options: argparse.Namespace) -> Facts:
    """Raise Refused unless the application may start here.

    systemd does not retry after 1 (this is another machine). After 255 (not known) the unit fails and systemd starts it again.
    """
    if reason := find_rejection_reason(machine.layout, machine.instance_id):
        raise Refused(reason)
    return {}


VERBS = (
    Verb(
        "configure",
        "(Ansible) the application's settings on the source",
        configure,
        (Option("check", flag=True, help="change nothing: only refuse what would lose the data of a site"),),
    ),
    Verb("own", "(Ansible) this machine is the source, not a copy of it", claim_identity),
    Verb("guard", "exit 0 only on the machine that the application was configured for", check_identity, error_code=255),
)
