"""Takes everything of the visit away again: the repository with its issues and files, key, tokens. Must itself succeed."""

import re

from cutover_site.acceptance.site import CheckFailed, Visit

APPLICATIONS = "/user/settings/applications"
MOST_TOKENS = 5
"""of one visit"""


def check(visit: Visit) -> None:
    if not visit.token:
        return
    existing = visit.request(
        visit.plain, "GET", f"/api/v1/repos/{visit.full_name}", headers={"Authorization": f"token {visit.token}"}
    )
    if existing.status_code == 200:
        visit.api("DELETE", f"/repos/{visit.full_name}", 204)
    for key in visit.api("GET", "/user/keys", 200):
        if key["title"] == visit.repository:
            visit.api("DELETE", f"/user/keys/{key['id']}", 204)
    _delete_tokens(visit)


def _delete_tokens(visit: Visit) -> None:
    """The API cannot delete tokens; the settings page can. Each token's button carries its id, after its name."""
    for _ in range(MOST_TOKENS):
        page = visit.page(APPLICATIONS)
        place = page.find(visit.repository)
        if place < 0:
            break
        identifier = re.search(r'data-id="(\d+)"', page[place:])
        if not identifier:
            raise CheckFailed("a token of this visit has no button to delete it on the settings page")
        visit.form(APPLICATIONS, f"{APPLICATIONS}/delete", {"id": identifier[1]})
    listed = visit.request(
        visit.plain, "GET", f"/api/v1/users/{visit.username}/tokens", auth=(visit.username, visit.password)
    )
    if listed.status_code != 200 or any(token["name"].startswith(visit.repository) for token in listed.json()):
        raise CheckFailed(f"tokens of this visit are still there (asked for them: {listed.status_code})")
