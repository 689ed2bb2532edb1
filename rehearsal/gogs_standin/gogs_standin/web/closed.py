"""Close a site to strangers ([auth] REQUIRE_SIGNIN_VIEW)."""

from __future__ import annotations

from flask import Response, request

from .responses import make_json_response, redirect
from .site import get_config, get_me

_OPEN = ("/user/", "/install")
"""pages that a stranger needs to sign in"""


def refuse_visitor() -> Response | None:
    """Return the redirect to the sign-in page, or 403 for an API call; None when this visitor may see the address."""
    if not get_config().sign_in_required or get_me() or request.path.startswith(_OPEN):
        return None
    if request.path.startswith("/api/"):
        return make_json_response({"message": "Only authenticated user is allowed to call APIs."}, 403)
    return redirect("/user/login")
