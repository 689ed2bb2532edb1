"""Takes everything of the visit away again: the repositories with their issues and files, key, tokens. Must itself succeed."""

from __future__ import annotations

from cutover_site.acceptance.leavings import take_away
from cutover_site.acceptance.site import Visit


def check(visit: Visit) -> None:
    if visit.token:
        take_away(visit, visit.repository)
