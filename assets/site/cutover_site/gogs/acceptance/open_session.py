"""Open the acceptance user's session with the site of this machine, with everything that this machine knows of the site."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.acceptance.session import SiteAddress
from cutover_site.database.site_logins import read_target_application_login
from cutover_site.gogs.acceptance.charsets import get_charsets
from cutover_site.gogs.acceptance.local_commit import get_local_commit
from cutover_site.gogs.acceptance.local_site import LocalSite
from cutover_site.gogs.acceptance.session import GogsSession
from cutover_site.gogs.acceptance.texts import get_narrowest
from cutover_site.machine import Machine


def open_session(machine: Machine, address: SiteAddress) -> GogsSession:
    """Return a session that knows the source's settings and character sets, and so what the site must do.

    This machine's app.ini equals the source's except for the settings that `gogs.app_ini` writes; the comparison of programs
    proves that. The live schema on the target has the source's character sets.
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
        ssh_user=machine.layout.application.owner.user,
        settings=replace(local.settings, https=address.public_url.startswith("https://")),
        charset=get_narrowest(
            get_charsets(read_target_application_login(machine), machine.layout.application.database.primary)
        ),
        local=local,
    )


def complete_session(session: GogsSession) -> None:
    """Add the settings and files of this machine's Gogs to a session that has neither, and for the live data the commit that `push` needs.

    It adds no settings to a session that connects to another machine.
    """
    if session.local is None and session.is_local:
        session.local = LocalSite.find()
    if session.settings is None and session.local is not None:
        session.require_settings(session.local.settings)
    if session.live:
        with suppress(CheckFailed):  # `push` then makes it, and reports why it cannot be made
            get_local_commit(session)
