"""A file attached to a new issue through the web form comes back byte for byte."""

from __future__ import annotations

from cutover_site.acceptance.site import CheckFailed, Visit

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def check(visit: Visit) -> None:
    page = f"/{visit.full_name}/issues/new"
    uploaded = visit.form(page, "/issues/attachments", {}, {"file": ("dot.png", PICTURE, "image/png")})
    if uploaded.status_code != 200:
        raise CheckFailed(f"the upload answered {uploaded.status_code}, expected 200")
    identifier = str(uploaded.json()["uuid"])
    made = visit.form(page, page, {"title": "With a file", "content": "see the attachment", "files": identifier})
    if made.status_code != 302:
        raise CheckFailed(f"the issue's form answered {made.status_code}, expected 302")
    got = visit.request(visit.web, "GET", f"/attachments/{identifier}")
    if got.content != PICTURE:
        raise CheckFailed(
            f"the attachment answered {got.status_code} with {len(got.content)} bytes, expected {len(PICTURE)} equal ones"
        )
