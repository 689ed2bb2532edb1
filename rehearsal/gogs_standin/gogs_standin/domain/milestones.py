"""Store the milestones of a repository. Each milestone's row counts its issues."""

from __future__ import annotations

from datetime import UTC, datetime

from ..store.database import Row, Session
from . import clock
from .exceptions import Missing, RequestRefused


def create(db: Session, repository_id: int, name: str, content: str, due: str | None) -> Row:
    """Create a milestone. Raises RequestRefused for a `due` that is no date.

    `due` is ISO 8601, in UTC unless it has an offset, or empty.
    """
    number = db.insert(
        "milestone", repo_id=repository_id, name=name, content=content, deadline_unix=_parse_due_seconds(due)
    )
    db.run("UPDATE repository SET num_milestones = num_milestones + 1 WHERE id = %s", repository_id)
    return get(db, repository_id, number)


def get(db: Session, repository_id: int, number: int) -> Row:
    """Return one milestone. Raises Missing."""
    found = db.fetch_one("SELECT * FROM milestone WHERE repo_id = %s AND id = %s", repository_id, number)
    if not found:
        raise Missing(f"no milestone {number}")
    return found


def list_milestones(db: Session, repository_id: int) -> list[Row]:
    """Return the milestones, open ones first."""
    return db.fetch_all("SELECT * FROM milestone WHERE repo_id = %s ORDER BY is_closed, id", repository_id)


def change(db: Session, row: Row, *, name: str, content: str, closed: bool) -> Row:
    """Replace the values, and update the repository's count of closed milestones."""
    db.run(
        "UPDATE milestone SET name = %s, content = %s, is_closed = %s, closed_date_unix = %s WHERE id = %s",
        name, content, int(closed), clock.now() if closed else 0, row["id"],
    )  # fmt: skip
    db.run(
        "UPDATE repository SET num_closed_milestones ="
        " (SELECT COUNT(*) FROM milestone WHERE repo_id = %s AND is_closed = 1) WHERE id = %s",
        row["repo_id"], row["repo_id"],
    )  # fmt: skip
    return get(db, row["repo_id"], row["id"])


def recount_issues(db: Session, number: int) -> None:
    """Update the counts of a milestone after a change of its issues. It does nothing for the number 0."""
    counted = db.fetch_existing(
        "SELECT COUNT(*) AS n, SUM(is_closed) AS closed FROM issue WHERE milestone_id = %s", number
    )
    total, closed = counted["n"], int(counted["closed"] or 0)
    db.run(
        "UPDATE milestone SET num_issues = %s, num_closed_issues = %s, completeness = %s WHERE id = %s",
        total, closed, closed * 100 // max(total, 1), number,
    )  # fmt: skip


def _parse_due_seconds(due: str | None) -> int | None:
    if not due:
        return None
    try:
        moment = datetime.fromisoformat(due)
    except ValueError as error:
        raise RequestRefused(f"{due} is not a date: {error}") from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
