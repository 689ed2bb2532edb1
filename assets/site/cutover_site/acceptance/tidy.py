"""Takes away what a suite has left on purpose, when nobody waits for it any more."""

from cutover_site.acceptance.checks import leftovers, login
from cutover_site.acceptance.site import CheckFailed, Visit


def tidy(visit: Visit) -> None:
    """The repository, key and every token of the visit with this nonce are gone. Raises CheckFailed. Harmless to repeat."""
    try:
        login.sign_in(visit)
        name = f"{visit.repository}-tidy"
        path = f"/api/v1/users/{visit.username}/tokens"
        answer = visit.request(visit.plain, "POST", path, auth=(visit.username, visit.password), json={"name": name})
        if answer.status_code != 201:
            raise CheckFailed(f"POST {path} answered {answer.status_code}, expected 201")
        visit.token = str(answer.json()["sha1"])
        leftovers.check(visit)
    finally:
        visit.close()
