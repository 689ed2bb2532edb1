"""Detect the limit that permits the acceptance user no repository.

The API responds 500 without a reason, the form 403 (up to 0.14.3).
"""

from __future__ import annotations

import requests

from cutover_site.acceptance.errors import CheckFailed, CheckSkipped
from cutover_site.gogs.acceptance.session import GogsSession

FORM = "/repo/create"
SETTING = "[repository] MAX_CREATION_LIMIT"


def explain_refused_repository(session: GogsSession, name: str, response: requests.Response) -> CheckSkipped:
    """Submit the form too, and return the site's limit as the reason when it also refuses.

    Raises CheckFailed when the settings do not explain it.
    """
    failed = CheckFailed(
        f"POST /api/v1/user/repos answered {response.status_code}, expected 201: {response.text[:200]}"
    )
    if response.status_code not in (422, 500):
        raise failed
    limit = session.settings.repository_limit if session.settings else None
    if limit is not None and limit < 0:
        raise failed
    owner = session.call_api("GET", "/user", 200)["id"]
    fields = {"user_id": str(owner), "repo_name": name, "private": "on"}
    refused = session.submit_form(FORM, FORM, fields)
    if refused.status_code != 403:
        raise failed
    return CheckSkipped(
        f"a user may have {'no more than ' + str(limit) if limit else 'no'} repositories on this site",
        setting=f"{SETTING} = {'as the site answers' if limit is None else limit}",
    )
