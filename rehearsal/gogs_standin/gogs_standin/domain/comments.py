"""Store what happens below an issue: comments, closing and reopening."""

from __future__ import annotations

from collections.abc import Sequence

from ..store.database import Row, Session
from . import actions, attachments, clock
from .exceptions import Missing

COMMENT, CLOSED, REOPENED = 0, 1, 2
"""values of the column `type`, in this stand-in's own numbers"""


def create(
    db: Session, poster: Row, owner: Row, repository: Row, issue: Row, text: str, uuids: Sequence[str] = ()
) -> Row:
    """Add a comment with its attachments, and record it in the feed."""
    number = insert(db, poster, issue, COMMENT, text)
    attachments.attach(db, uuids, issue_id=issue["id"], comment_id=number)
    db.run(
        "UPDATE issue SET num_comments = num_comments + 1, updated_unix = %s WHERE id = %s", clock.now(), issue["id"]
    )
    named = f"#{issue['index']} {text.partition(chr(10))[0]}"
    actions.record(db, actions.Kind.COMMENT, poster, owner, repository, content=named)
    return get(db, number)


def insert(db: Session, poster: Row, issue: Row, kind: int, text: str = "") -> int:
    """Add only the row, and return its id."""
    times = dict.fromkeys(("created_unix", "updated_unix"), clock.now())
    return db.insert("comment", type=kind, poster_id=poster["id"], issue_id=issue["id"], content=text, **times)


def get(db: Session, number: int) -> Row:
    """Return one comment. Raises Missing."""
    found = db.fetch_one("SELECT * FROM comment WHERE id = %s", number)
    if not found:
        raise Missing(f"no comment {number}")
    return found


def rewrite(db: Session, number: int, text: str) -> Row:
    """Replace the text of a comment. Raises Missing."""
    db.run("UPDATE comment SET content = %s, updated_unix = %s WHERE id = %s", text, clock.now(), number)
    return get(db, number)


def delete(db: Session, issue: Row, comment: Row) -> None:
    """Delete a comment and update the issue's count."""
    db.run("DELETE FROM comment WHERE id = %s", comment["id"])
    db.run("UPDATE issue SET num_comments = num_comments - 1 WHERE id = %s", issue["id"])


def list_events(db: Session, issue_id: int) -> list[Row]:
    """Return comments and changes of state below an issue, oldest first."""
    return db.fetch_all("SELECT * FROM comment WHERE issue_id = %s ORDER BY id", issue_id)


def list_comments(db: Session, issue_id: int) -> list[Row]:
    """Return the comments below an issue without the changes of state, oldest first."""
    return [row for row in list_events(db, issue_id) if row["type"] == COMMENT]
