"""The acceptance user's visit to this machine's site, with all that this machine knows of the site."""

from __future__ import annotations

from dataclasses import replace

from cutover_site.acceptance.local import LocalSite
from cutover_site.acceptance.site import Visit
from cutover_site.acceptance.texts import get_narrowest
from cutover_site.database.charsets import get_charsets
from cutover_site.database.connections import target_application
from cutover_site.machine import Machine


def prepare_visit(machine: Machine, *, url: str, resolve: str, ssh: str, public_url: str) -> Visit:
    """Return a visit of which the source's settings and tables say what the site must do.

    app.ini of this machine is the source's but for what is ours (`gogs.app_ini`), which the comparison of programs proves; the live schema
    on the target has the source's character sets. `url` is asked, `public_url` is what visitors use: TLS may have ended before.
    """
    secret = machine.site_secret()
    local = LocalSite.at(machine.layout)
    return Visit(
        url=url,
        username=secret["acceptance_username"],
        password=secret["acceptance_password"],
        resolve=resolve,
        ssh=ssh,
        settings=replace(local.settings, https=public_url.startswith("https://")),
        charset=get_narrowest(get_charsets(target_application(machine), machine.layout.application.database.primary)),
        local=local,
    )
