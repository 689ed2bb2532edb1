"""Close a site to strangers ([auth] REQUIRE_SIGNIN_VIEW)."""

from __future__ import annotations

from flask import Response, request

from .responses import as_json, redirect
from .site import config, me

_OPEN = ("/user/", "/install")
"""pages that a stranger needs to sign in"""


def refuse_visitor() -> Response | None:
    """Return the redirect to the sign-in page, or 403 for an API call; None when this visitor may see the address."""
    if not config().sign_in_required or me() or request.path.startswith(_OPEN):
        return None
    if request.path.startswith("/api/"):
        return as_json({"message": "Only authenticated user is allowed to call APIs."}, 403)
    return redirect("/user/login")
