"""Check an issue: a long text that is not ASCII comes back unchanged; on the scratch copy, a comment and closing the issue work too."""

from __future__ import annotations

import requests

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.acceptance.notes import add_not_checked
from cutover_site.gogs.acceptance.session import GogsSession
from cutover_site.gogs.acceptance.texts import TEXTS, Text, get_text


def check(session: GogsSession) -> None:
    """Create an issue; unless users wait, comment on it and close it too. Raises CheckFailed, or CheckSkipped without a repository."""
    session.require_repository()
    base = f"/repos/{session.full_name}/issues"
    with session.writing:
        text, made = _create(session, base)
        number = made["number"]
        found = session.call_api("GET", f"{base}/{number}", 200)
        if (found["title"], found["body"].strip()) != (text.title, text.build_issue_body().strip()):
            raise CheckFailed("the issue's text is not what was written")
        if session.live:
            return
        session.call_api("POST", f"{base}/{number}/comments", 201, json={"body": text.words.strip()})
        if session.call_api("PATCH", f"{base}/{number}", 201, json={"state": "closed"})["state"] != "closed":
            raise CheckFailed("the issue was closed and is open")


def _create(session: GogsSession, base: str) -> tuple[Text, dict[str, int]]:
    """Create an issue with the text that the source's tables can store. Raises CheckFailed.

    Where their character sets are not known, try the widest text first: Gogs responds 500 for a character that a table cannot
    store.
    """
    for text in [get_text(session.charset)] if session.charset else TEXTS:
        response = session.create_issue(session.full_name, text.title, text.build_issue_body())
        if response.status_code == 201:
            if text.left_out:
                known = f"the tables are {session.charset}" if session.charset else "the site answers 500 to them"
                add_not_checked(f"{text.left_out}: {known}")
            return text, response.json()
        if response.status_code != 500:
            break
    raise CheckFailed(_describe(base, response))


def _describe(base: str, response: requests.Response) -> str:
    return f"POST /api/v1{base} answered {response.status_code}, expected 201: {response.text[:200]}"
