"""What visits have made on the site, found by its name and taken away."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from cutover_site.acceptance.footprint import remove_files
from cutover_site.acceptance.site import CheckFailed, Visit

APPLICATIONS = "/user/settings/applications"
MOST_TOKENS = 50


def take_away(visit: Visit, prefix: str) -> None:
    """No repository, key, token or file of the acceptance user has a name that begins with `prefix`. Raises CheckFailed."""
    user = visit.api("GET", "/user", 200)
    repositories = _list_repositories(visit, prefix)
    for repository in repositories:
        visit.api("DELETE", f"/repos/{repository['full_name']}", 204)
    for key in _list_keys(visit, prefix):
        visit.api("DELETE", f"/user/keys/{key['id']}", 204)
    if left := [*_list_repositories(visit, prefix), *_list_keys(visit, prefix)]:
        raise CheckFailed(f"deleted, and still there: {', '.join(one.get('name') or one['title'] for one in left)}")
    _delete_tokens(visit, prefix)
    _require_no_tokens(visit, prefix)
    began = min([visit.began, *(_get_time(repository) for repository in repositories)])
    remove_files(visit, int(user["id"]), [repository["name"] for repository in repositories], began)


def _list_repositories(visit: Visit, prefix: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = visit.api("GET", "/user/repos", 200)
    return [one for one in found if one["name"].startswith(prefix) and one["owner"]["username"] == visit.username]


def _list_keys(visit: Visit, prefix: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = visit.api("GET", "/user/keys", 200)
    return [key for key in found if key["title"].startswith(prefix)]


def _get_time(repository: dict[str, Any]) -> float:
    """Return when it was made, in seconds of the epoch."""
    return datetime.fromisoformat(repository["created_at"].replace("Z", "+00:00")).timestamp()


def _require_no_tokens(visit: Visit, prefix: str) -> None:
    """The visit's own token is gone with the others, so this goes by the password. Raises CheckFailed."""
    listed = visit.request(
        visit.plain, "GET", f"/api/v1/users/{visit.username}/tokens", auth=(visit.username, visit.password)
    )
    if listed.status_code != 200 or any(token["name"].startswith(prefix) for token in listed.json()):
        raise CheckFailed(f"tokens of a visit are still there (asked for them: {listed.status_code})")


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
