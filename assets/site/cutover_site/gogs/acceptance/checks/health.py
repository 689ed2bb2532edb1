"""The body of Gogs's health page reports that its database is OK."""

from __future__ import annotations

from applications.gogs.profile import PROFILE

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.gogs.acceptance.session import GogsSession
from cutover_site.health import find_problem


def check(session: GogsSession) -> None:
    response = session.request(session.plain, "GET", PROFILE.health.path)
    if problem := find_problem(PROFILE, response.status_code, response.text):
        raise CheckFailed(problem)
