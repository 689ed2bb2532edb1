"""Gogs says, in the body of its health page, that its database is OK."""

from __future__ import annotations

from applications.gogs.profile import PROFILE

from cutover_site.acceptance.site import CheckFailed, Visit
from cutover_site.health import find_problem


def check(visit: Visit) -> None:
    answer = visit.request(visit.plain, "GET", PROFILE.health.path)
    if trouble := find_problem(PROFILE, answer.status_code, answer.text):
        raise CheckFailed(trouble)
