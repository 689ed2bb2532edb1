"""The API knows the token's owner, and makes the private repository that the next checks work in."""

from __future__ import annotations

from cutover_site.acceptance.site import CheckFailed, Visit


def check(visit: Visit) -> None:
    me = visit.api("GET", "/user", 200)
    if me["username"] != visit.username:
        raise CheckFailed(f"the token belongs to {me['username']}, expected {visit.username}")
    made = visit.api(
        "POST",
        "/user/repos",
        201,
        json={"name": visit.repository, "private": True, "auto_init": True, "readme": "Default"},
    )
    if not made["private"]:
        raise CheckFailed("the repository was asked to be private and is not")
    anonymous = visit.request(visit.plain, "GET", f"/api/v1/repos/{visit.full_name}")
    if anonymous.status_code != 404:
        raise CheckFailed(f"the private repository answers {anonymous.status_code} to nobody, expected 404")
