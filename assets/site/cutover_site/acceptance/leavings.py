"""What visits have made on the site, found by its name and taken away."""

from __future__ import annotations

import re

from cutover_site.acceptance.site import CheckFailed, Visit

APPLICATIONS = "/user/settings/applications"
MOST_TOKENS = 50


def take_away(visit: Visit, prefix: str) -> None:
    """No repository, key or token of the acceptance user has a name that begins with `prefix`. Raises CheckFailed."""
    for repository in visit.api("GET", "/user/repos", 200):
        if repository["name"].startswith(prefix) and repository["owner"]["username"] == visit.username:
            visit.api("DELETE", f"/repos/{repository['full_name']}", 204)
    for key in visit.api("GET", "/user/keys", 200):
        if key["title"].startswith(prefix):
            visit.api("DELETE", f"/user/keys/{key['id']}", 204)
    _delete_tokens(visit, prefix)


def _delete_tokens(visit: Visit, prefix: str) -> None:
    """The API cannot delete tokens; the settings page can. Each token's button carries its id, after its name."""
    for _ in range(MOST_TOKENS):
        page = visit.page(APPLICATIONS)
        place = page.find(prefix)
        if place < 0:
            break
        identifier = re.search(r'data-id="(\d+)"', page[place:])
        if not identifier:
            raise CheckFailed("a token of a visit has no button to delete it on the settings page")
        visit.form(APPLICATIONS, f"{APPLICATIONS}/delete", {"id": identifier[1]})
    listed = visit.request(
        visit.plain, "GET", f"/api/v1/users/{visit.username}/tokens", auth=(visit.username, visit.password)
    )
    if listed.status_code != 200 or any(token["name"].startswith(prefix) for token in listed.json()):
        raise CheckFailed(f"tokens of a visit are still there (asked for them: {listed.status_code})")
