"""Record the activity feed: one row of `action` for the acting user and for everybody who watches the repository."""

from __future__ import annotations

from enum import IntEnum

from ..store.database import Row, Session
from . import clock


class Kind(IntEnum):
    """The kinds of activity. 1, 5, 9 and 16 are recorded of Gogs; the others are this stand-in's own numbers."""

    REPOSITORY = 1
    COMMITS = 5
    TAG = 9
    BRANCH = 16
    FORK = 102
    TAG_DELETED = 103
    BRANCH_DELETED = 104
    ISSUE = 105
    COMMENT = 106
    ISSUE_CLOSED = 107
    ISSUE_REOPENED = 108


def record(
    db: Session, kind: Kind, doer: Row, owner: Row, repository: Row, *, ref: str = "", content: str = ""
) -> None:
    """Add one row per reader. `ref` and `content` depend on the kind."""
    watchers = db.fetch_all("SELECT user_id FROM watch WHERE repo_id = %s", repository["id"])
    for reader in sorted({doer["id"], *(row["user_id"] for row in watchers)}):
        db.insert(
            "action",
            user_id=reader,
            op_type=int(kind),
            act_user_id=doer["id"],
            act_user_name=doer["name"],
            repo_id=repository["id"],
            repo_user_name=owner["name"],
            repo_name=repository["name"],
            ref_name=ref,
            is_private=int(bool(repository["is_private"])),
            content=content,
            created_unix=clock.now(),
        )


def read_feed(db: Session, user_id: int, limit: int = 20) -> list[Row]:
    """Return the newest rows of a user's feed, newest first."""
    return db.fetch_all("SELECT * FROM action WHERE user_id = %s ORDER BY id DESC LIMIT %s", user_id, limit)
