"""Issues and their comments."""

from __future__ import annotations

from collections.abc import Sequence

from ..store.database import Row, Session
from . import actions, attachments, clock, labels
from .errors import Missing

COMMENT, REOPEN, CLOSE = 0, 1, 2


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
    """Labels and milestones of another repository are dropped. The database refuses a text over 64 KB."""
    # The row lock makes numbers follow one another when several people write at once, on any number of machines.
    counted = db.all("SELECT num_issues, num_pulls FROM repository WHERE id = %s FOR UPDATE", repository["id"])[0]
    if milestone_id and not db.one(
        "SELECT id FROM milestone WHERE id = %s AND repo_id = %s", milestone_id, repository["id"]
    ):
        milestone_id = 0
    seconds = clock.now()
    number = db.insert(
        "issue",
        repo_id=repository["id"],
        index=counted["num_issues"] + counted["num_pulls"] + 1,
        poster_id=poster["id"],
        name=title.strip(),
        content=content,
        milestone_id=milestone_id,
        assignee_id=assignee_id,
        **dict.fromkeys(("priority", "is_closed", "is_pull", "num_comments", "deadline_unix"), 0),
        created_unix=seconds,
        updated_unix=seconds,
    )
    db.run("UPDATE repository SET num_issues = num_issues + 1 WHERE id = %s", repository["id"])
    issue = db.all("SELECT * FROM issue WHERE id = %s", number)[0]
    for label in db.all("SELECT * FROM label WHERE repo_id = %s", repository["id"]):
        if label["id"] in label_ids:
            labels.attach(db, issue, label)
    labels.count_milestone(db, milestone_id)
    _insert_readers(db, owner, repository, issue)
    attachments.hang(db, uuids, issue_id=number)
    actions.record(db, actions.CREATE_ISSUE, poster, owner, repository, content=f"{issue['index']}|{issue['name']}")
    return issue


def _insert_readers(db: Session, owner: Row, repository: Row, issue: Row) -> None:
    """A row of `issue_user` for everybody who could work on it, and for the poster."""
    rows = db.all("SELECT user_id FROM access WHERE repo_id = %s AND mode >= 2", repository["id"])
    readers = {row["user_id"] for row in rows} | ({owner["id"]} if owner["type"] == 0 else set()) | {issue["poster_id"]}
    for reader in sorted(readers):
        db.insert(
            "issue_user",
            uid=reader,
            issue_id=issue["id"],
            repo_id=repository["id"],
            milestone_id=issue["milestone_id"],
            is_read=0,
            is_assigned=int(reader == issue["assignee_id"]),
            is_mentioned=0,
            is_poster=int(reader == issue["poster_id"]),
            is_closed=0,
        )


def get(db: Session, repository_id: int, index: int) -> Row:
    """Raises Missing."""
    found = db.one("SELECT * FROM issue WHERE repo_id = %s AND `index` = %s", repository_id, index)
    if not found:
        raise Missing("issue does not exist")
    return found


def listed(db: Session, repository_id: int, *, closed: bool, page: int = 1, size: int = 10) -> list[Row]:
    return db.all(
        "SELECT * FROM issue WHERE repo_id = %s AND is_closed = %s AND is_pull = 0 ORDER BY created_unix DESC, id DESC LIMIT %s OFFSET %s",
        repository_id, int(closed), size, (page - 1) * size,
    )  # fmt: skip


def count(db: Session, repository_id: int, *, closed: bool) -> int:
    rows = db.all(
        "SELECT COUNT(*) AS n FROM issue WHERE repo_id = %s AND is_closed = %s AND is_pull = 0",
        repository_id,
        int(closed),
    )
    return int(rows[0]["n"])


def comment(
    db: Session, poster: Row, owner: Row, repository: Row, issue: Row, content: str, uuids: Sequence[str] = ()
) -> Row:
    number = _insert_comment(db, poster, issue, COMMENT, content)
    db.run(
        "UPDATE issue SET num_comments = num_comments + 1, updated_unix = %s WHERE id = %s", clock.now(), issue["id"]
    )
    attachments.hang(db, uuids, issue_id=issue["id"], comment_id=number)
    first_line = content.split("\n")[0]
    actions.record(db, actions.COMMENT_ISSUE, poster, owner, repository, content=f"{issue['index']}|{first_line}")
    return get_comment(db, number)


def change_status(db: Session, doer: Row, owner: Row, repository: Row, issue: Row, *, closed: bool) -> Row:
    """Close or reopen; nothing happens when it is so already."""
    if bool(issue["is_closed"]) == closed:
        return issue
    db.run("UPDATE issue SET is_closed = %s, updated_unix = %s WHERE id = %s", int(closed), clock.now(), issue["id"])
    db.run("UPDATE issue_user SET is_closed = %s WHERE issue_id = %s", int(closed), issue["id"])
    step = 1 if closed else -1
    db.run("UPDATE repository SET num_closed_issues = num_closed_issues + %s WHERE id = %s", step, repository["id"])
    db.run(
        "UPDATE label SET num_closed_issues = num_closed_issues + %s WHERE id IN (SELECT label_id FROM issue_label WHERE issue_id = %s)",
        step, issue["id"],
    )  # fmt: skip
    labels.count_milestone(db, issue["milestone_id"])
    _insert_comment(db, doer, issue, CLOSE if closed else REOPEN, "")
    kind = actions.CLOSE_ISSUE if closed else actions.REOPEN_ISSUE
    actions.record(db, kind, doer, owner, repository, content=f"{issue['index']}|")
    return get(db, repository["id"], issue["index"])


def edit(
    db: Session,
    issue: Row,
    *,
    title: str | None,
    content: str | None,
    milestone_id: int | None,
    assignee_id: int | None,
) -> Row:
    """What is None stays."""
    new = {"name": title, "content": content, "milestone_id": milestone_id, "assignee_id": assignee_id}
    for column, value in new.items():
        if value is not None:
            db.run(
                f"UPDATE issue SET `{column}` = %s, updated_unix = %s WHERE id = %s", value, clock.now(), issue["id"]
            )
    if milestone_id is not None:
        labels.count_milestone(db, issue["milestone_id"])
        labels.count_milestone(db, milestone_id)
    return get(db, issue["repo_id"], issue["index"])


def comments(db: Session, issue_id: int, *, every_kind: bool = False) -> list[Row]:
    condition = "" if every_kind else " AND type = 0"
    return db.all(f"SELECT * FROM comment WHERE issue_id = %s{condition} ORDER BY id", issue_id)


def get_comment(db: Session, number: int) -> Row:
    """Raises Missing."""
    found = db.one("SELECT * FROM comment WHERE id = %s", number)
    if not found:
        raise Missing("comment does not exist")
    return found


def mark_read(db: Session, issue_id: int, user_id: int) -> None:
    db.run("UPDATE issue_user SET is_read = 1 WHERE issue_id = %s AND uid = %s", issue_id, user_id)


def _insert_comment(db: Session, poster: Row, issue: Row, kind: int, content: str) -> int:
    seconds = clock.now()
    columns = {"type": kind, "poster_id": poster["id"], "issue_id": issue["id"], "content": content, "commit_sha": ""}
    return db.insert("comment", **columns, commit_id=0, line=0, created_unix=seconds, updated_unix=seconds)
