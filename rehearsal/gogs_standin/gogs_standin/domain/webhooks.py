"""Store webhooks, and one row of `hook_task` for each delivery."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from ..store.database import Row, Session
from . import clock
from .exceptions import RequestRefused

EVENTS = ("create", "delete", "fork", "push", "issues", "pull_request", "issue_comment", "release")
FORMS = ("json", "form")
"""encodings of a payload; the column `content_type` numbers them from 1"""


def create(
    db: Session, repository_id: int, config: Mapping[str, str], events: Sequence[str], *, active: bool, kind: str
) -> Row:
    """Create a webhook, for pushes unless `events` has other events. Raises RequestRefused."""
    if kind != "gogs":
        raise RequestRefused("Invalid hook type.")
    for name in ("url", "content_type"):
        if name not in config:
            raise RequestRefused(f"Missing config option: {name}")
    if config["content_type"] not in FORMS:
        raise RequestRefused("Invalid content type.")
    seconds = clock.now()
    number = db.insert(
        "webhook",
        repo_id=repository_id,
        url=config["url"],
        content_type=FORMS.index(config["content_type"]) + 1,
        secret=config.get("secret", ""),
        events=json.dumps([event for event in EVENTS if event in (events or ["push"])]),
        is_active=int(active),
        created_unix=seconds,
        updated_unix=seconds,
    )
    return db.fetch_existing("SELECT * FROM webhook WHERE id = %s", number)


def list_events(webhook: Row) -> list[str]:
    """Return the events for which the webhook is called, by the names of EVENTS."""
    found: list[str] = json.loads(webhook["events"])
    return found


def read_form(row: Row) -> str:
    """Return the encoding of a webhook or a task: `json` or `form`."""
    return FORMS[row["content_type"] - 1]


def list_webhooks(db: Session, repository_id: int) -> list[Row]:
    """Return the webhooks of a repository, oldest first."""
    return db.fetch_all("SELECT * FROM webhook WHERE repo_id = %s ORDER BY id", repository_id)


def queue(db: Session, owner: Row, repository: Row, event: str, payload: Mapping[str, Any]) -> int:
    """Queue a delivery for each active webhook of this event. Return their number.

    The webhooks of the repository's organisation are among them.
    """
    rows = db.fetch_all(
        "SELECT * FROM webhook WHERE is_active = 1 AND (repo_id = %s OR org_id = %s) ORDER BY id",
        repository["id"], owner["id"],
    )  # fmt: skip
    wanted = [row for row in rows if event in list_events(row)]
    for row in wanted:
        content = json.dumps(payload, ensure_ascii=False)
        db.insert(
            "hook_task",
            repo_id=repository["id"],
            hook_id=row["id"],
            uuid=str(uuid.uuid4()),
            url=row["url"],
            signature=_compute_signature(row["secret"], content),
            payload_content=content,
            content_type=row["content_type"],
            event_type=event,
        )
    return len(wanted)


def _compute_signature(secret: str, content: str) -> str:
    return hmac.new(secret.encode(), content.encode(), hashlib.sha256).hexdigest() if secret else ""
