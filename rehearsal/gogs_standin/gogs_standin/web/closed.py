"""A site that shows nothing to strangers ([auth] REQUIRE_SIGNIN_VIEW)."""

from __future__ import annotations

from flask import Response, request

from .responses import as_json, redirect
from .site import config, me

_OPEN = ("/user/", "/install")
"""pages that a stranger needs to become somebody"""


def refuse_stranger() -> Response | None:
    """Return the sign-in page for a page, 403 for a call of the API; None for what this visitor may ask for."""
    if not config().sign_in_required or me() or request.path.startswith(_OPEN):
        return None
    if request.path.startswith("/api/"):
        return as_json({"message": "Only authenticated user is allowed to call APIs."}, 403)
    return redirect("/user/login")
