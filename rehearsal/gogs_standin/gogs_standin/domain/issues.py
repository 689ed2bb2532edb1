"""Store the issues of a repository, numbered from 1."""

from __future__ import annotations

from collections.abc import Sequence

from ..store.database import Row, Session
from . import access, actions, attachments, clock, comments, labels, milestones, users
from .actions import Kind
from .exceptions import Missing


def create(
    db: Session,
    poster: Row,
    owner: Row,
    repository: Row,
    *,
    title: str,
    content: str,
    label_ids: Sequence[int] = (),
    milestone_id: int = 0,
    assignee_id: int = 0,
    uuids: Sequence[str] = (),
) -> Row:
    """Create an issue, and record it in the feed. Labels and a milestone of another repository are dropped.

    The database refuses a text over 64 KB, and the second of two writers with the same number. Its error becomes the response
    500, and nothing of that issue is stored.
    """
    chosen = [label for label in labels.list_labels(db, repository["id"]) if label["id"] in label_ids]
    if milestone_id and milestone_id not in [row["id"] for row in milestones.list_milestones(db, repository["id"])]:
        milestone_id = 0
    times = dict.fromkeys(("created_unix", "updated_unix"), clock.now())
    number = db.insert(
        "issue",
        repo_id=repository["id"],
        index=_compute_next_index(repository),
        poster_id=poster["id"],
        name=title.strip(),
        content=content,
        milestone_id=milestone_id,
        assignee_id=assignee_id,
        **times,
    )
    db.run("UPDATE repository SET num_issues = num_issues + 1 WHERE id = %s", repository["id"])
    for label in chosen:
        labels.attach(db, number, label)
    milestones.recount_issues(db, milestone_id)
    attachments.attach(db, uuids, issue_id=number)
    issue = db.fetch_existing("SELECT * FROM issue WHERE id = %s", number)
    _add_issue_users(db, owner, issue)
    actions.record(db, Kind.ISSUE, poster, owner, repository, content=format_reference(issue))
    return issue


def _compute_next_index(repository: Row) -> int:
    """Return the next number, from the counts at the begin of the request and without a lock, as Gogs does.

    The unique index decides between two writers.
    """
    return int(repository["num_issues"] + repository["num_pulls"] + 1)


def _add_issue_users(db: Session, owner: Row, issue: Row) -> None:
    """Add rows of `issue_user` for the poster and everybody with write access.

    The rows store who has read the issue.
    """
    writers = db.fetch_all(
        "SELECT user_id FROM access WHERE repo_id = %s AND mode >= %s", issue["repo_id"], access.WRITE
    )
    people = {issue["poster_id"], *(row["user_id"] for row in writers)}
    if owner["type"] == users.PERSON:
        people.add(owner["id"])
    for person in sorted(people):
        db.insert(
            "issue_user",
            uid=person,
            issue_id=issue["id"],
            repo_id=issue["repo_id"],
            milestone_id=issue["milestone_id"],
            is_assigned=int(person == issue["assignee_id"]),
            is_poster=int(person == issue["poster_id"]),
        )


def format_reference(issue: Row) -> str:
    """Return the issue's number and title, as the feed has them."""
    return f"#{issue['index']} {issue['name']}"


def get(db: Session, repository_id: int, index: int) -> Row:
    """Return one issue. Raises Missing."""
    found = db.fetch_one("SELECT * FROM issue WHERE repo_id = %s AND `index` = %s", repository_id, index)
    if not found:
        raise Missing(f"no issue {index}")
    return found


def list_issues(db: Session, repository_id: int, *, closed: bool, page: int, size: int) -> list[Row]:
    """Return one page, newest first. Issues of the same second are in the order of their creation, as recorded."""
    return db.fetch_all(
        "SELECT * FROM issue WHERE repo_id = %s AND is_closed = %s AND is_pull = 0"
        " ORDER BY created_unix DESC, id LIMIT %s OFFSET %s",
        repository_id, int(closed), size, (page - 1) * size,
    )  # fmt: skip


def count(db: Session, repository_id: int, *, closed: bool) -> int:
    """Return the number of issues without pull requests."""
    found = db.fetch_existing(
        "SELECT COUNT(*) AS n FROM issue WHERE repo_id = %s AND is_closed = %s AND is_pull = 0",
        repository_id, int(closed),
    )  # fmt: skip
    return int(found["n"])


def change_status(db: Session, doer: Row, owner: Row, repository: Row, issue: Row, *, closed: bool) -> Row:
    """Close or reopen an issue and record it. Nothing changes when it has that state already."""
    if bool(issue["is_closed"]) == closed:
        return issue
    db.run("UPDATE issue SET is_closed = %s, updated_unix = %s WHERE id = %s", int(closed), clock.now(), issue["id"])
    db.run("UPDATE issue_user SET is_closed = %s WHERE issue_id = %s", int(closed), issue["id"])
    db.run(
        "UPDATE repository SET num_closed_issues = num_closed_issues + %s WHERE id = %s",
        1 if closed else -1, repository["id"],
    )  # fmt: skip
    labels.recount_labels(db, issue["id"])
    milestones.recount_issues(db, issue["milestone_id"])
    comments.insert(db, doer, issue, comments.CLOSED if closed else comments.REOPENED)
    kind = Kind.ISSUE_CLOSED if closed else Kind.ISSUE_REOPENED
    actions.record(db, kind, doer, owner, repository, content=format_reference(issue))
    return get(db, repository["id"], issue["index"])


def edit_issue(db: Session, issue: Row, **new: object) -> Row:
    """Set the named columns and return the row. A column whose value is None stays."""
    for column, value in new.items():
        if value is not None:
            db.run(f"UPDATE issue SET `{column}` = %s WHERE id = %s", value, issue["id"])
    db.run("UPDATE issue SET updated_unix = %s WHERE id = %s", clock.now(), issue["id"])
    after = get(db, issue["repo_id"], issue["index"])
    for number in {issue["milestone_id"], after["milestone_id"]}:
        milestones.recount_issues(db, number)
    return after


def mark_read(db: Session, issue_id: int, user_id: int) -> None:
    """Record that the user has seen the issue. It does nothing without a row of `issue_user`."""
    db.run("UPDATE issue_user SET is_read = 1 WHERE issue_id = %s AND uid = %s", issue_id, user_id)
