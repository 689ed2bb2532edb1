"""Queue webhooks for events on pages and in the API."""

from __future__ import annotations

from flask import after_this_request

from ..domain import access, webhooks
from ..domain.formats import Shape
from ..store.database import Row
from .commits import notify_when_done
from .site import db, formats


def issue_event(doer: Row, owner: Row, repository: Row, issue: Row, action: str) -> None:
    """Queue the webhooks of an issue; `action` is opened, closed or reopened."""
    _queue(doer, owner, repository, "issues", action=action, number=issue["index"], issue=formats().issue(issue))


def comment_event(doer: Row, owner: Row, repository: Row, issue: Row, comment: Row) -> None:
    """Queue the webhooks of a new comment."""
    shape = formats().comment(f"{owner['name']}/{repository['name']}", issue["index"], comment)
    _queue(doer, owner, repository, "issue_comment", action="created", issue=formats().issue(issue), comment=shape)


def fork_event(doer: Row, base_owner: Row, base: Row, owner: Row, fork: Row) -> None:
    """Queue the webhooks of a fork, which are those of its base."""
    _queue(doer, base_owner, base, "fork", forkee=formats().repository(owner, fork, None))


def release_event(doer: Row, owner: Row, repository: Row, release: Row) -> None:
    """Queue the webhooks of a published release."""
    _queue(doer, owner, repository, "release", action="published", release=formats().release(release))


def _queue(doer: Row, owner: Row, repository: Row, event: str, **payload: object) -> None:
    common: Shape = {
        "repository": formats().repository(owner, repository, access.OWNER),
        "sender": formats().user(doer),
    }
    if webhooks.queue(db(), owner, repository, event, {**payload, **common}):
        after_this_request(notify_when_done)
