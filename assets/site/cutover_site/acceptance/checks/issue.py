"""An issue with a long text that is not ASCII comes back as it was written; a comment and closing it work."""

from __future__ import annotations

from cutover_site.acceptance.site import CheckFailed, Visit

BODY = "Zürich 東京 🚀 " * 3000
"""about 60 KB: above the 32 KB at which a replication of large objects cuts by default, below the column's 64 KB"""


def check(visit: Visit) -> None:
    base = f"/repos/{visit.full_name}/issues"
    number = visit.api("POST", base, 201, json={"title": "Abnahme: ü 好", "body": BODY})["number"]
    if visit.api("GET", f"{base}/{number}", 200)["body"].strip() != BODY.strip():
        raise CheckFailed("the issue's text is not what was written")
    visit.api("POST", f"{base}/{number}/comments", 201, json={"body": "Kommentar ä"})
    if visit.api("PATCH", f"{base}/{number}", 201, json={"state": "closed"})["state"] != "closed":
        raise CheckFailed("the issue was closed and is open")
