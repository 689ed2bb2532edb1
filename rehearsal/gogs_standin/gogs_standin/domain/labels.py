"""Store the labels of repositories and of issues. Each label's row counts its issues, all and closed."""

from __future__ import annotations

from ..store.database import Row, Session
from .exceptions import Missing

_COUNT = (
    "UPDATE label SET num_issues = (SELECT COUNT(*) FROM issue_label x WHERE x.label_id = label.id), num_closed_issues ="
    " (SELECT COUNT(*) FROM issue_label x JOIN issue i ON i.id = x.issue_id WHERE x.label_id = label.id AND i.is_closed = 1)"
    " WHERE id = %s"
)


def create(db: Session, repository_id: int, name: str, color: str) -> Row:
    """Create a label without issues. The color is stored as the user gives it, with its #."""
    return get(db, repository_id, db.insert("label", repo_id=repository_id, name=name, color=color))


def get(db: Session, repository_id: int, number: int) -> Row:
    """Return one label of a repository. Raises Missing."""
    found = db.fetch_one("SELECT * FROM label WHERE repo_id = %s AND id = %s", repository_id, number)
    if not found:
        raise Missing(f"no label {number}")
    return found


def list_labels(db: Session, repository_id: int) -> list[Row]:
    """Return the labels of a repository, by name."""
    return db.fetch_all("SELECT * FROM label WHERE repo_id = %s ORDER BY name", repository_id)


def change(db: Session, label: Row, name: str, color: str) -> Row:
    """Replace name and color."""
    db.run("UPDATE label SET name = %s, color = %s WHERE id = %s", name, color, label["id"])
    return get(db, label["repo_id"], label["id"])


def detach(db: Session, issue_id: int, label: Row) -> None:
    """Remove the label from an issue. Does nothing when the issue does not have it."""
    db.run("DELETE FROM issue_label WHERE issue_id = %s AND label_id = %s", issue_id, label["id"])
    db.run(_COUNT, label["id"])


def delete(db: Session, label: Row) -> None:
    """Delete the label from the repository and all its issues."""
    db.run("DELETE FROM issue_label WHERE label_id = %s", label["id"])
    db.run("DELETE FROM label WHERE id = %s", label["id"])


def list_labels_of_issue(db: Session, issue_id: int) -> list[Row]:
    """Return the labels of an issue, by name."""
    return db.fetch_all(
        "SELECT l.* FROM label l JOIN issue_label x ON x.label_id = l.id WHERE x.issue_id = %s ORDER BY l.name",
        issue_id,
    )


def attach(db: Session, issue_id: int, label: Row) -> None:
    """Add the label to an issue. Does nothing when the issue has it already."""
    db.run("INSERT IGNORE INTO issue_label (issue_id, label_id) VALUES (%s, %s)", issue_id, label["id"])
    db.run(_COUNT, label["id"])


def detach_all(db: Session, issue_id: int) -> None:
    """Remove all labels from an issue and update their counts."""
    before = list_labels_of_issue(db, issue_id)
    db.run("DELETE FROM issue_label WHERE issue_id = %s", issue_id)
    for label in before:
        db.run(_COUNT, label["id"])


def recount_labels(db: Session, issue_id: int) -> None:
    """Update the counts of the issue's labels, after the issue was opened or closed."""
    for label in list_labels_of_issue(db, issue_id):
        db.run(_COUNT, label["id"])
