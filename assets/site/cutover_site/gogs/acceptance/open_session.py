"""The acceptance user's session with the site of this machine, with all that this machine knows of the site."""

from __future__ import annotations

from dataclasses import replace

from cutover_site.acceptance.session import SiteAddress
from cutover_site.database.connections import read_target_application_login
from cutover_site.gogs.acceptance.charsets import get_charsets
from cutover_site.gogs.acceptance.local_site import LocalSite
from cutover_site.gogs.acceptance.session import GogsSession
from cutover_site.gogs.acceptance.texts import get_narrowest
from cutover_site.machine import Machine


def open_session(machine: Machine, address: SiteAddress) -> GogsSession:
    """Return a session that knows from the source's settings and tables what the site must do.

    app.ini of this machine is the source's but for what is ours (`gogs.app_ini`), which the comparison of programs proves; the live schema
    on the target has the source's character sets.
    """
    secret = machine.read_site_secret()
    local = LocalSite.from_layout(machine.layout)
    return GogsSession(
        url=address.url,
        username=secret["acceptance_username"],
        password=secret["acceptance_password"],
        resolve=address.resolve,
        live=address.live,
        ssh=address.endpoints.get("ssh", ""),
        settings=replace(local.settings, https=address.public_url.startswith("https://")),
        charset=get_narrowest(
            get_charsets(read_target_application_login(machine), machine.layout.application.database.primary)
        ),
        local=local,
    )


def complete_session(session: GogsSession) -> None:
    """Give a session that names neither settings nor files those of this machine's Gogs, if it asks this very machine."""
    if session.local is None and session.is_local:
        session.local = LocalSite.find()
    if session.settings is None and session.local is not None:
        session.require_settings(session.local.settings)
