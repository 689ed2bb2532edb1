"""Serve the request of a hook after a push. Its secret derives from the owner's salt in the database."""

from __future__ import annotations

import hashlib
import hmac

from flask import Blueprint, Response, request

from ..domain import delivery, repositories, users
from ..domain.exceptions import Missing
from .site import get_config, get_db

blueprint = Blueprint("tasks", __name__)


@blueprint.get("/<owner>/<name>/tasks/trigger")
def trigger(owner: str, name: str) -> Response:
    """Notify the webhooks' thread and respond 202.

    The stand-in does not test pull requests, so the branch has no effect.
    """
    branch, pusher, secret = (request.args.get(key, "") for key in ("branch", "pusher", "secret"))
    if not branch or not secret or not pusher.isdecimal():
        return _make_bad_request("Incomplete branch, pusher or secret")
    known = users.find_by_name(get_db(), owner)
    if known is None:
        return _make_bad_request("Owner does not exist")
    expected = hashlib.md5(known["salt"].encode(), usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(secret, expected):
        return _make_bad_request("Invalid secret")
    try:
        repositories.find_by_name(get_db(), owner, name)
    except Missing:
        return _make_bad_request("Repository does not exist")
    if users.find_by_id(get_db(), int(pusher)) is None:
        return _make_bad_request("Pusher does not exist")
    delivery.notify(get_config())
    return Response(status=202)


def _make_bad_request(text: str) -> Response:
    return Response(f"{text}\n", status=400, content_type="text/plain; charset=utf-8")
