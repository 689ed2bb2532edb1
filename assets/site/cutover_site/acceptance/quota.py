"""Why the acceptance user may have no repository. The API only answers 500, the form says what it is (up to 0.14.3)."""

from __future__ import annotations

import requests

from cutover_site.acceptance.site import CheckFailed, CheckSkipped, Visit

FORM = "/repo/create"
SETTING = "[repository] MAX_CREATION_LIMIT"


def explain_no_repository(visit: Visit, name: str, answer: requests.Response) -> CheckSkipped:
    """Return the site's limit as the reason. Raises CheckFailed when it is not a limit that the settings explain."""
    failed = CheckFailed(f"POST /api/v1/user/repos answered {answer.status_code}, expected 201: {answer.text[:200]}")
    if answer.status_code not in (422, 500):
        raise failed
    limit = visit.settings.repository_limit if visit.settings else None
    if limit is not None and limit < 0:
        raise failed
    owner = visit.api("GET", "/user", 200)["id"]
    fields = {"user_id": str(owner), "repo_name": name, "private": "on"}
    refused = visit.form(FORM, FORM, fields)
    if refused.status_code != 403:
        raise failed
    return CheckSkipped(
        f"a user may have {'no more than ' + str(limit) if limit else 'no'} repositories on this site",
        setting=f"{SETTING} = {'as the site answers' if limit is None else limit}",
    )
