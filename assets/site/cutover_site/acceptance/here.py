"""What this machine knows of the site, for a visit that was given neither settings nor files."""

from __future__ import annotations

import ipaddress

from cutover_site.acceptance.local import LocalSite
from cutover_site.acceptance.site import Visit


def look_at_this_machine(visit: Visit) -> None:
    """A caller that names neither settings nor files, and asks this very machine, gets those that its Gogs was started with."""
    if visit.local is None and _is_loopback(visit.resolve):
        visit.local = LocalSite.find()
    if visit.settings is None and visit.local is not None:
        visit.adopt(visit.local.settings)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
