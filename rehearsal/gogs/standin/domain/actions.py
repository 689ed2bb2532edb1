"""The activity feed: one row of `action` for the doer and one for each other watcher."""

from __future__ import annotations

from ..store.database import Row, Session
from . import clock

CREATE_REPO, COMMIT_REPO, CREATE_ISSUE, CREATE_PULL = 1, 5, 6, 7
PUSH_TAG, COMMENT_ISSUE, MERGE_PULL, CLOSE_ISSUE, REOPEN_ISSUE = 9, 10, 11, 12, 13
CLOSE_PULL, REOPEN_PULL = 14, 15
CREATE_BRANCH, DELETE_BRANCH, DELETE_TAG, FORK_REPO = 16, 17, 18, 19


def record(db: Session, kind: int, doer: Row, owner: Row, repository: Row, *, ref: str = "", content: str = "") -> None:
    """What happened, for everybody who watches the repository."""
    watchers = db.all("SELECT user_id FROM watch WHERE repo_id = %s ORDER BY user_id", repository["id"])
    receivers = [doer["id"], *(row["user_id"] for row in watchers if row["user_id"] != doer["id"])]
    for receiver in receivers:
        db.insert(
            "action",
            user_id=receiver,
            op_type=kind,
            act_user_id=doer["id"],
            act_user_name=doer["name"],
            repo_id=repository["id"],
            repo_user_name=owner["name"],
            repo_name=repository["name"],
            ref_name=ref,
            is_private=int(bool(repository["is_private"] or repository["is_unlisted"])),
            content=content,
            created_unix=clock.now(),
        )


def feed(db: Session, user_id: int, limit: int = 20) -> list[Row]:
    return db.all("SELECT * FROM action WHERE user_id = %s ORDER BY id DESC LIMIT %s", user_id, limit)
