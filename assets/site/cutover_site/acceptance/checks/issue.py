"""An issue with a long text that is not ASCII comes back as it was written; a comment and closing it work."""

from __future__ import annotations

import requests

from cutover_site.acceptance.notes import add_not_checked
from cutover_site.acceptance.site import CheckFailed, Visit
from cutover_site.acceptance.texts import TEXTS, Text, get_text


def check(visit: Visit) -> None:
    visit.require_repository()
    base = f"/repos/{visit.full_name}/issues"
    with visit.writing:
        text, made = _create(visit, base)
        number = made["number"]
        found = visit.api("GET", f"{base}/{number}", 200)
        if (found["title"], found["body"].strip()) != (text.title, text.body().strip()):
            raise CheckFailed("the issue's text is not what was written")
        visit.api("POST", f"{base}/{number}/comments", 201, json={"body": text.words.strip()})
        if visit.api("PATCH", f"{base}/{number}", 201, json={"state": "closed"})["state"] != "closed":
            raise CheckFailed("the issue was closed and is open")


def _create(visit: Visit, base: str) -> tuple[Text, dict[str, int]]:
    """Write the text that the source's tables hold. Where they are not known: the widest that the site takes.

    Gogs answers 500 for a character that a table does not hold. Raises CheckFailed.
    """
    for text in [get_text(visit.charset)] if visit.charset else TEXTS:
        answer = visit.call("POST", base, json={"title": text.title, "body": text.body()})
        if answer.status_code == 201:
            if text.left_out:
                known = f"the tables are {visit.charset}" if visit.charset else "the site answers 500 to them"
                add_not_checked(f"{text.left_out}: {known}")
            return text, answer.json()
        if answer.status_code != 500:
            break
    raise CheckFailed(_describe(base, answer))


def _describe(base: str, answer: requests.Response) -> str:
    return f"POST /api/v1{base} answered {answer.status_code}, expected 201: {answer.text[:200]}"
