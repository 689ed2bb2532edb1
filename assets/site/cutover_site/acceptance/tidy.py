"""Takes away what suites have left on purpose, when nobody waits for it any more. Of every visit: a suite may have been run twice."""

from __future__ import annotations

from cutover_site.acceptance.checks import login
from cutover_site.acceptance.leavings import take_away
from cutover_site.acceptance.site import PREFIX, CheckFailed, Visit


def tidy(visit: Visit) -> None:
    """Nothing of any visit is on the site. Raises CheckFailed. Harmless to repeat."""
    try:
        login.sign_in(visit)
        path = f"/api/v1/users/{visit.username}/tokens"
        wanted = {"name": visit.repository}
        answer = visit.request(visit.plain, "POST", path, auth=(visit.username, visit.password), json=wanted)
        if answer.status_code != 201:
            raise CheckFailed(f"POST {path} answered {answer.status_code}, expected 201")
        visit.token = str(answer.json()["sha1"])
        take_away(visit, PREFIX)
    finally:
        visit.close()
