"""Webhooks for what happens on pages and in the API."""

from __future__ import annotations

from flask import after_this_request
from werkzeug.wrappers import Response

from ..domain import access, webhooks
from ..domain.formats import Shape
from ..store.database import Row
from .site import db, formats, site


def issue_event(doer: Row, owner: Row, repository: Row, issue: Row, action: str) -> None:
    _prepare(
        doer, owner, repository, "issues", {"action": action, "number": issue["index"], "issue": formats().issue(issue)}
    )


def comment_event(doer: Row, owner: Row, repository: Row, issue: Row, comment: Row) -> None:
    full = f"{owner['name']}/{repository['name']}"
    shapes = {"issue": formats().issue(issue), "comment": formats().comment(full, issue["index"], comment)}
    _prepare(doer, owner, repository, "issue_comment", {"action": "created", **shapes})


def fork_event(doer: Row, base_owner: Row, base: Row, owner: Row, fork: Row) -> None:
    _prepare(doer, base_owner, base, "fork", {"forkee": formats().repository(owner, fork, None)})


def release_event(doer: Row, owner: Row, repository: Row, release: Row) -> None:
    _prepare(doer, owner, repository, "release", {"action": "published", "release": formats().release(release)})


def _prepare(doer: Row, owner: Row, repository: Row, event: str, payload: Shape) -> None:
    common = {"repository": formats().repository(owner, repository, access.OWNER), "sender": formats().user(doer)}
    if webhooks.prepare(db(), owner, repository, event, {**payload, **common}):
        # Told when the answer is out: by then the tasks are committed.
        after_this_request(_told)


def _told(response: Response) -> Response:
    response.call_on_close(site().deliveries.tell)
    return response
