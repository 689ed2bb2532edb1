"""An access token is given for the password, and is not given for a wrong one."""

from __future__ import annotations

from cutover_site.acceptance.site import CheckFailed, Visit


def check(visit: Visit) -> None:
    path = f"/api/v1/users/{visit.username}/tokens"
    wrong = visit.request(
        visit.plain, "POST", path, auth=(visit.username, visit.nonce), json={"name": visit.repository}
    )
    # A site that shows nothing to visitors answers every one of them alike.
    expected = 403 if visit.closed else 401
    if wrong.status_code != expected:
        raise CheckFailed(f"a wrong password was answered with {wrong.status_code}, expected {expected}")
    get_token(visit)


def get_token(visit: Visit) -> None:
    """The visit has a token of its user from now on. Raises CheckFailed."""
    path = f"/api/v1/users/{visit.username}/tokens"
    answer = visit.request(
        visit.plain, "POST", path, auth=(visit.username, visit.password), json={"name": visit.repository}
    )
    if answer.status_code != 201:
        raise CheckFailed(f"POST {path} answered {answer.status_code}, expected 201")
    visit.token = str(answer.json()["sha1"])
