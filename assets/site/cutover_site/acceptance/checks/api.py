"""The API knows the token's owner, and makes the private repository that the next checks work in."""

from __future__ import annotations

from cutover_site.acceptance.notes import add_not_checked
from cutover_site.acceptance.quota import explain_no_repository
from cutover_site.acceptance.site import CheckFailed, Visit


def check(visit: Visit) -> None:
    me = visit.api("GET", "/user", 200)
    if me["username"] != visit.username:
        raise CheckFailed(f"the token belongs to {me['username']}, expected {visit.username}")
    with visit.writing:
        answer = visit.call(
            "POST",
            "/user/repos",
            json={"name": visit.repository, "private": True, "auto_init": True, "readme": "Default"},
        )
    if answer.status_code != 201:
        visit.no_repository = explain_no_repository(visit, visit.repository, answer)
        add_not_checked(f"a repository of its own: {visit.no_repository.reason}")
        return
    if not answer.json()["private"]:
        raise CheckFailed("the repository was asked to be private and is not")
    anonymous = visit.request(visit.plain, "GET", f"/api/v1/repos/{visit.full_name}")
    # A site that shows nothing to visitors says so before it looks for the repository.
    expected = 403 if visit.closed else 404
    if anonymous.status_code != expected:
        raise CheckFailed(
            f"the private repository answers {anonymous.status_code} to a visitor who has not signed in, expected {expected}"
        )
