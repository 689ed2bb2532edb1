"""The Gogs that is on a source before the tool configures it, and what a launched replica has of it."""

from __future__ import annotations

from urllib.parse import urlsplit

from cutover_site.configured_for import read_configured_for
from cutover_site.errors import NotConfigured, Refused
from cutover_site.gogs import adoption, home, identity
from cutover_site.gogs.ini import Ini
from cutover_site.gogs.layout import GogsLayout
from cutover_site.instance import Installation, InstanceSettings
from cutover_site.machine import Machine


def inspect(machine: Machine) -> Installation:
    """Return what the app.ini that is there means for the site. Change nothing.

    Raises Refused for an app.ini of a site whose data or address new settings would lose, and for a home that is too large for the site's
    secret.
    """
    layout = GogsLayout.extend(machine.layout)
    existing = adoption.read_app_ini(layout)
    key = _find_key(machine, layout, existing) if existing else ""
    home.pack(layout)
    return Installation(
        secret={"SECRET_KEY": key} if key else {},
        identity_headers=tuple(identity.list_headers(existing or Ini())),
        warnings=tuple(_find_warnings(machine, existing) if existing else []),
    )


def _find_warnings(machine: Machine, existing: Ini) -> list[str]:
    """Return a sentence for each change that users of the site will notice. The settings of an adopted site stay."""
    found = adoption.find_warnings(existing)
    if machine.layout.installation:
        return found
    names = (machine.config.dns_names.get("ssh"), urlsplit(machine.config.site_url).hostname)
    return [*found, *adoption.find_replaced(existing, next((name for name in names if name), ""))]


def check_replica(layout: GogsLayout, settings: InstanceSettings) -> None:
    """Raise NotConfigured when the replicated app.ini has another SECRET_KEY than the site's secret."""
    replicated = adoption.read_app_ini(layout)
    kept = adoption.find_secret_key(replicated) if replicated else ""
    if kept and kept != settings.secret["SECRET_KEY"]:
        raise NotConfigured(
            "SECRET_KEY of the replicated app.ini is not the one in the site's secret: second factors would be lost",
            next_action="write the source's SECRET_KEY into the site's secret",
        )


def _find_key(machine: Machine, layout: GogsLayout, existing: Ini) -> str:
    """Return the SECRET_KEY of an app.ini that is there. Raises Refused with a sentence for each thing that would be lost."""
    key = adoption.find_secret_key(existing)
    owner = read_configured_for(layout)
    adopted = owner is not None and owner.instance_id == machine.instance_id and owner.mode == "source"
    database = machine.config.source_database
    if database is None:
        raise NotConfigured(f"{layout.site_file} has no source_database", next_action="run the Ansible playbook")
    wanted = adoption.Wanted(machine.config.site_url, database.host, database.port)
    if layout.installation:  # `cutover-site adopt` has checked the places and keeps them
        return key
    if lost := adoption.find_differences(existing, wanted, layout, adopted=adopted):
        raise Refused(
            f"{layout.app_ini} belongs to a site whose data or address this would replace: {'; '.join(lost)}",
            next_action="bring the data to where this site keeps it and set app.ini to it, or run the playbook with the values of app.ini;"
            " nothing was changed",
        )
    return key
