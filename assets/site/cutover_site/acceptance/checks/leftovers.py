"""Takes everything of the visit away again: the repository with its issues and files, the token. Must itself succeed."""

import re

from cutover_site.acceptance.site import CheckFailed, Visit

APPLICATIONS = "/user/settings/applications"


def check(visit: Visit) -> None:
    if not visit.token:
        return
    existing = visit.request(
        visit.plain, "GET", f"/api/v1/repos/{visit.full_name}", headers={"Authorization": f"token {visit.token}"}
    )
    if existing.status_code == 200:
        visit.api("DELETE", f"/repos/{visit.full_name}", 204)
    _delete_token(visit)


def _delete_token(visit: Visit) -> None:
    """The API cannot delete tokens; the settings page can. Each token's button carries its id, after its name."""
    page = visit.page(APPLICATIONS)
    place = page.find(visit.repository)
    identifier = re.search(r'data-id="(\d+)"', page[place:]) if place >= 0 else None
    if not identifier:
        raise CheckFailed("the token of this visit is not on the settings page, so it cannot be deleted")
    answer = visit.form(APPLICATIONS, f"{APPLICATIONS}/delete", {"id": identifier[1]})
    listed = visit.request(
        visit.plain, "GET", f"/api/v1/users/{visit.username}/tokens", auth=(visit.username, visit.password)
    )
    if listed.status_code != 200 or any(token["name"] == visit.repository for token in listed.json()):
        raise CheckFailed(f"the token of this visit is still there (deleting it answered {answer.status_code})")
