"""What this machine knows of the site, for a visit that was given neither settings nor files."""

from __future__ import annotations

import ipaddress

from cutover_site.acceptance.local import LocalSite
from cutover_site.acceptance.site import Visit


def look_at_this_machine(visit: Visit) -> None:
    """A caller that names neither settings nor files, and asks this very machine, gets those that its Gogs was started with."""
    if visit.local is None and is_here(visit):
        visit.local = LocalSite.find()
    if visit.settings is None and visit.local is not None:
        visit.adopt(visit.local.settings)


def is_here(visit: Visit) -> bool:
    """Return whether the visit asks this very machine, past any load balancer."""
    try:
        return ipaddress.ip_address(visit.resolve).is_loopback
    except ValueError:
        return False
