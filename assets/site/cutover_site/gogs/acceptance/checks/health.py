"""Check Gogs's health page: its body reports that the database is OK."""

from __future__ import annotations

from applications.gogs.profile import PROFILE

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.gogs.acceptance.session import GogsSession
from cutover_site.health import find_problem


def check(session: GogsSession) -> None:
    """Read the health page without a login. Raises CheckFailed for another status or body than the profile's."""
    response = session.request(session.plain, "GET", PROFILE.health.path)
    if problem := find_problem(PROFILE, response.status_code, response.text):
        raise CheckFailed(problem)
