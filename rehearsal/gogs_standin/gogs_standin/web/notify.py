"""Queue webhooks for events on pages and in the API."""

from __future__ import annotations

from flask import after_this_request

from ..domain import access, webhooks
from ..domain.formats import Shape
from ..store.database import Row
from .commits import notify_when_done
from .site import get_db, make_formats


def queue_issue_event(doer: Row, owner: Row, repository: Row, issue: Row, action: str) -> None:
    """Queue the webhooks of an issue; `action` is opened, closed or reopened."""
    _queue(
        doer,
        owner,
        repository,
        "issues",
        action=action,
        number=issue["index"],
        issue=make_formats().format_issue(issue),
    )


def queue_comment_event(doer: Row, owner: Row, repository: Row, issue: Row, comment: Row) -> None:
    """Queue the webhooks of a new comment."""
    shape = make_formats().format_comment(f"{owner['name']}/{repository['name']}", issue["index"], comment)
    _queue(
        doer,
        owner,
        repository,
        "issue_comment",
        action="created",
        issue=make_formats().format_issue(issue),
        comment=shape,
    )


def queue_fork_event(doer: Row, base_owner: Row, base: Row, owner: Row, fork: Row) -> None:
    """Queue the webhooks of a fork, which are those of its base."""
    _queue(doer, base_owner, base, "fork", forkee=make_formats().format_repository(owner, fork, None))


def release_event(doer: Row, owner: Row, repository: Row, release: Row) -> None:
    """Queue the webhooks of a published release."""
    _queue(doer, owner, repository, "release", action="published", release=make_formats().release(release))


def _queue(doer: Row, owner: Row, repository: Row, event: str, **payload: object) -> None:
    common: Shape = {
        "repository": make_formats().format_repository(owner, repository, access.OWNER),
        "sender": make_formats().format_user(doer),
    }
    if webhooks.queue(get_db(), owner, repository, event, {**payload, **common}):
        after_this_request(notify_when_done)
