"""The source's application server is made this site's, or taken over as it is: the site's secret, app.ini, whose Gogs it is."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from cutover_site.errors import NotConfigured, Refused
from cutover_site.freeze.store import FreezeStore
from cutover_site.gogs import adoption, home, identity, service
from cutover_site.gogs.ini import Ini
from cutover_site.gogs.service import ConfiguredFor
from cutover_site.launch.configuration import INHERITED, on_source
from cutover_site.machine import SITE_KEYS, Machine

LOG = logging.getLogger(__name__)
NAMES = {"admin_username": "site-admin", "acceptance_username": "cutover-acceptance"}


def check(machine: Machine) -> tuple[Ini | None, str]:
    """Return the app.ini that is there, under today's names, and its SECRET_KEY; None where there is none. Change nothing.

    Raises Refused for what `configure` would refuse: another role, a run that has closed the site, or an app.ini of a site whose data or
    address the new settings would lose.
    """
    if machine.config.role != "source-app":
        raise Refused(f"this disk was provisioned as {machine.config.role}")
    if (state := FreezeStore(machine.layout.freeze_file).read().name) != "open":
        raise Refused(
            f"the site is {state}: its Gogs stays as it is", next_action="run the playbook when the run is over"
        )
    existing = adoption.read(machine.layout)
    return existing, _site_key(machine, existing) if existing else ""


def configure(machine: Machine) -> dict[str, Any]:
    """(Ansible, on the source) completes the site's secret, writes app.ini, makes this machine the one that may run Gogs.

    The site's own settings, and what the user git keeps in its home, go into the secret too: a target, whose image holds neither, has them
    from there. Raises Refused as `check`, before anything is changed.
    """
    existing, site_key = check(machine)
    warnings = adoption.warnings(existing) if existing else []
    headers = identity.headers(existing or Ini())
    kept = home.pack(machine.layout)

    name = machine.config.site_secret
    found = machine.aws.secret(name)
    missing = {key: NAMES.get(key) or secrets.token_urlsafe(24) for key in SITE_KEYS if not found.get(key)}
    secret = {**found, **missing}
    if site_key and site_key != found.get("SECRET_KEY"):
        LOG.info("SECRET_KEY of app.ini is taken over into the site's secret")
        secret["SECRET_KEY"] = site_key
    if secret != found:
        machine.aws.store_secret(name, secret)
    service.prepare_folders(machine.layout, "source")
    instance = on_source(machine)
    changed = service.write_app_ini(machine.layout, instance, volatile=False)
    carried = {INHERITED: service.inherited(machine.layout, instance), home.SECRET: kept}
    whole = {key: value for key, value in {**secret, **carried}.items() if value or key not in carried}
    if whole != secret:
        machine.aws.store_secret(name, whole)
    owner = service.write_configured_for(machine.layout, ConfiguredFor(machine.instance_id, "source", background=True))
    for warning in warnings:
        LOG.warning("%s", warning)
    return {"changed": changed or owner or whole != found, "identity_headers": headers, "warnings": warnings}


def _site_key(machine: Machine, existing: Ini) -> str:
    """Return the SECRET_KEY of an app.ini that is there. Raises Refused with everything that would be lost, in one sentence each."""
    key = adoption.secret_key(existing)
    owner = service.read_configured_for(machine.layout)
    adopted = owner is not None and owner.instance_id == machine.instance_id and owner.mode == "source"
    database = machine.config.source_database
    if database is None:
        raise NotConfigured(
            f"{machine.layout.site_file} has no source_database", next_action="run the Ansible playbook"
        )
    wanted = adoption.Wanted(machine.config.site_url, database.host, database.port)
    if lost := adoption.differences(existing, wanted, machine.layout, adopted=adopted):
        raise Refused(
            f"{machine.layout.app_ini} belongs to a site whose data or address this would replace: {'; '.join(lost)}",
            next_action="bring the data to where this site keeps it and set app.ini to it, or run the playbook with the values of app.ini;"
            " nothing was changed",
        )
    return key
