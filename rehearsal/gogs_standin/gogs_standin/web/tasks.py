"""Serve the request of a hook after a push. Its secret derives from the owner's salt in the database."""

from __future__ import annotations

import hashlib
import hmac

from flask import Blueprint, Response, request

from ..domain import delivery, repositories, users
from ..domain.exceptions import Missing
from .site import config, db

blueprint = Blueprint("tasks", __name__)


@blueprint.get("/<owner>/<name>/tasks/trigger")
def trigger(owner: str, name: str) -> Response:
    """Notify the webhooks' thread and respond 202.

    The stand-in does not test pull requests, so the branch has no effect.
    """
    branch, pusher, secret = (request.args.get(key, "") for key in ("branch", "pusher", "secret"))
    if not branch or not secret or not pusher.isdecimal():
        return _bad("Incomplete branch, pusher or secret")
    known = users.by_name(db(), owner)
    if known is None:
        return _bad("Owner does not exist")
    expected = hashlib.md5(known["salt"].encode(), usedforsecurity=False).hexdigest()
    if not hmac.compare_digest(secret, expected):
        return _bad("Invalid secret")
    try:
        repositories.by_name(db(), owner, name)
    except Missing:
        return _bad("Repository does not exist")
    if users.by_id(db(), int(pusher)) is None:
        return _bad("Pusher does not exist")
    delivery.notify(config())
    return Response(status=202)


def _bad(text: str) -> Response:
    return Response(f"{text}\n", status=400, content_type="text/plain; charset=utf-8")
