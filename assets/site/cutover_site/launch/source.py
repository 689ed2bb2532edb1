"""Configure the source's application server, or adopt an existing installation: site secret, application settings, identity."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from applications.profile import SiteSecret

from cutover_site.application import load_behavior
from cutover_site.configured_for import write_configured_for
from cutover_site.errors import Refused
from cutover_site.freeze.store import FreezeStore
from cutover_site.instance import Installation
from cutover_site.launch.configuration import describe_source
from cutover_site.machine import Machine

LOG = logging.getLogger(__name__)
PASSWORD_BYTES = 24


def check(machine: Machine) -> Installation:
    """Return the installation that this machine already has. Change nothing.

    Raises Refused for everything that `configure` refuses: another role, a run that has closed the site, or an installation
    whose data or address the new settings would lose.
    """
    application = machine.layout.application
    if "source-app" not in machine.config.roles:
        raise Refused(f"this disk was provisioned as {' and '.join(machine.config.roles)}")
    if (state := FreezeStore(machine.layout.freeze_file).read().name) != "open":
        raise Refused(
            f"the site is {state}: its {application.title} stays as it is",
            next_action="run the playbook when the run is over",
        )
    return load_behavior(application).inspect_installation(machine)


def configure(machine: Machine) -> dict[str, Any]:
    """Complete the site's secret, write the application's settings, and claim this machine's identity (Ansible, on the source).

    It stores what a target inherits in the secret too, because the image does not have it. Raises Refused like `check`, before
    any change.
    """
    found = check(machine)
    claimed = machine.claim_source()
    application = machine.layout.application
    behavior = load_behavior(application)

    name = machine.config.site_secret
    before = machine.aws.read_secret(name)
    secret = complete_secret(before, application.secret, found)
    if secret != before:
        machine.aws.store_secret(name, secret)
    settings = describe_source(machine)
    changed = behavior.configure(machine.layout, settings)
    inherited = behavior.find_inherited(machine.layout, settings)
    whole = {key: value for key, value in {**secret, **inherited}.items() if value or key not in inherited}
    if whole != secret:
        machine.aws.store_secret(name, whole)
    owner = write_configured_for(machine.layout, claimed)
    for warning in found.warnings:
        LOG.warning("%s", warning)
    return {
        "changed": changed or owner or whole != before,
        "identity_headers": list(found.identity_headers),
        "warnings": list(found.warnings),
    }


def complete_secret(secret: dict[str, str], rules: SiteSecret, found: Installation) -> dict[str, str]:
    """Return the site's secret with every required key.

    A value that the installation already has replaces a generated value.
    """
    names = dict(rules.names)
    missing = {
        key: names.get(key) or secrets.token_urlsafe(PASSWORD_BYTES) for key in rules.required if not secret.get(key)
    }
    for key, value in found.secret.items():
        if value != secret.get(key):
            LOG.info("%s of the installation is taken over into the site's secret", key)
    return {**secret, **missing, **found.secret}
