"""Webhooks: rows that say what to tell whom, and one row of `hook_task` for each thing to tell."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from typing import Any

from ..store.database import Row, Session
from . import clock
from .errors import Refused
from .webhook_events import chosen, described

_CONTENT = {"json": 1, "form": 2}
GOGS_TYPE = 1


def create(
    db: Session, repository_id: int, config: Mapping[str, str], events: list[str], *, active: bool, kind: str
) -> Row:
    """Raises Refused."""
    if kind != "gogs":
        raise Refused("Invalid hook type.")
    for name in ("url", "content_type"):
        if name not in config:
            raise Refused(f"Missing config option: {name}")
    if config["content_type"] not in _CONTENT:
        raise Refused("Invalid content type.")
    seconds = clock.now()
    number = db.insert(
        "webhook",
        repo_id=repository_id,
        org_id=0,
        url=config["url"],
        content_type=_CONTENT[config["content_type"]],
        secret=config.get("secret", ""),
        events=json.dumps(described(events or ["push"]), separators=(",", ":")),
        is_ssl=0,
        is_active=int(active),
        hook_task_type=GOGS_TYPE,
        meta="",
        last_status=0,
        created_unix=seconds,
        updated_unix=seconds,
    )
    return db.all("SELECT * FROM webhook WHERE id = %s", number)[0]


def listed(db: Session, repository_id: int) -> list[Row]:
    return db.all("SELECT * FROM webhook WHERE repo_id = %s ORDER BY id", repository_id)


def prepare(db: Session, owner: Row, repository: Row, event: str, payload: Mapping[str, Any]) -> int:
    """How many deliveries wait now because of this event."""
    rows = db.all(
        "SELECT * FROM webhook WHERE is_active = 1 AND (repo_id = %s OR org_id = %s AND org_id > 0) ORDER BY id",
        repository["id"],
        owner["id"],
    )
    wanted = [row for row in rows if event in chosen(json.loads(row["events"]))]
    content = json.dumps(payload, indent=2, ensure_ascii=False) if wanted else ""
    for row in wanted:
        secret = row["secret"].encode()
        db.insert(
            "hook_task",
            repo_id=repository["id"],
            hook_id=row["id"],
            uuid=str(uuid.uuid4()),
            type=row["hook_task_type"],
            url=row["url"],
            signature=hmac.new(secret, content.encode(), hashlib.sha256).hexdigest() if secret else "",
            payload_content=content,
            content_type=row["content_type"],
            event_type=event,
            is_ssl=row["is_ssl"],
            is_delivered=0,
            delivered=0,
            is_succeed=0,
            request_content="",
            response_content="",
        )
    return len(wanted)
