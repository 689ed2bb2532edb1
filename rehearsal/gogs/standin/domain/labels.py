"""Labels and milestones of a repository."""

from __future__ import annotations

from datetime import UTC, datetime

from ..store.database import Row, Session
from . import clock
from .errors import Missing

NEVER = 253402214400
"""Deadline of a milestone that has none, as Gogs stores it: a day of the year 9999."""


def create(db: Session, repository_id: int, name: str, color: str) -> Row:
    number = db.insert("label", repo_id=repository_id, name=name, color=color, num_issues=0, num_closed_issues=0)
    return get(db, repository_id, number)


def get(db: Session, repository_id: int, number: int) -> Row:
    """Raises Missing."""
    found = db.one("SELECT * FROM label WHERE id = %s AND repo_id = %s", number, repository_id)
    if not found:
        raise Missing("label does not exist")
    return found


def listed(db: Session, repository_id: int) -> list[Row]:
    return db.all("SELECT * FROM label WHERE repo_id = %s ORDER BY name", repository_id)


def of_issue(db: Session, issue_id: int) -> list[Row]:
    return db.all(
        "SELECT l.* FROM issue_label i JOIN label l ON l.id = i.label_id WHERE i.issue_id = %s ORDER BY l.name",
        issue_id,
    )


def attach(db: Session, issue: Row, label: Row) -> None:
    """Harmless when the issue has it."""
    if db.one("SELECT id FROM issue_label WHERE issue_id = %s AND label_id = %s", issue["id"], label["id"]):
        return
    db.insert("issue_label", issue_id=issue["id"], label_id=label["id"])
    closed = int(bool(issue["is_closed"]))
    db.run(
        "UPDATE label SET num_issues = num_issues + 1, num_closed_issues = num_closed_issues + %s WHERE id = %s",
        closed,
        label["id"],
    )


def detach_all(db: Session, issue: Row) -> None:
    closed = int(bool(issue["is_closed"]))
    for label in of_issue(db, issue["id"]):
        db.run(
            "UPDATE label SET num_issues = num_issues - 1, num_closed_issues = num_closed_issues - %s WHERE id = %s",
            closed,
            label["id"],
        )
    db.run("DELETE FROM issue_label WHERE issue_id = %s", issue["id"])


def create_milestone(db: Session, repository_id: int, name: str, content: str, deadline: str | None) -> Row:
    """`deadline` as RFC 3339 or a day, or nothing. Raises ValueError for another text."""
    seconds = int(datetime.fromisoformat(deadline).replace(tzinfo=UTC).timestamp()) if deadline else NEVER
    columns = dict.fromkeys(("is_closed", "num_issues", "num_closed_issues", "completeness", "closed_date_unix"), 0)
    number = db.insert("milestone", repo_id=repository_id, name=name, content=content, deadline_unix=seconds, **columns)
    db.run("UPDATE repository SET num_milestones = num_milestones + 1 WHERE id = %s", repository_id)
    return milestone(db, repository_id, number)


def milestone(db: Session, repository_id: int, number: int) -> Row:
    """Raises Missing."""
    found = db.one("SELECT * FROM milestone WHERE id = %s AND repo_id = %s", number, repository_id)
    if not found:
        raise Missing("milestone does not exist")
    return found


def milestones(db: Session, repository_id: int, *, closed: bool = False) -> list[Row]:
    return db.all(
        "SELECT * FROM milestone WHERE repo_id = %s AND is_closed = %s ORDER BY id", repository_id, int(closed)
    )


def change_milestone(db: Session, row: Row, *, name: str, content: str, closed: bool) -> None:
    step = int(closed) - int(bool(row["is_closed"]))
    db.run(
        "UPDATE milestone SET name = %s, content = %s, is_closed = %s, closed_date_unix = %s WHERE id = %s",
        name, content, int(closed), clock.now() if closed else 0, row["id"],
    )  # fmt: skip
    db.run(
        "UPDATE repository SET num_closed_milestones = num_closed_milestones + %s WHERE id = %s", step, row["repo_id"]
    )


def count_milestone(db: Session, number: int) -> None:
    """Count the issues of a milestone anew."""
    if not number:
        return
    found = db.all(
        "SELECT COUNT(*) AS total, COALESCE(SUM(is_closed), 0) AS closed FROM issue WHERE milestone_id = %s", number
    )[0]
    done = int(found["closed"] * 100 // found["total"]) if found["total"] else 0
    db.run(
        "UPDATE milestone SET num_issues = %s, num_closed_issues = %s, completeness = %s WHERE id = %s",
        found["total"], found["closed"], done, number,
    )  # fmt: skip
