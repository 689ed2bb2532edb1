"""Who watches a repository, who likes it, who works on it."""

from __future__ import annotations

from ..store.database import Row, Session
from . import access


def watch(db: Session, user_id: int, repository_id: int) -> None:
    if db.one("SELECT id FROM watch WHERE user_id = %s AND repo_id = %s", user_id, repository_id):
        return
    db.insert("watch", user_id=user_id, repo_id=repository_id)
    db.run("UPDATE repository SET num_watches = num_watches + 1 WHERE id = %s", repository_id)


def unwatch(db: Session, user_id: int, repository_id: int) -> None:
    if db.run("DELETE FROM watch WHERE user_id = %s AND repo_id = %s", user_id, repository_id):
        db.run("UPDATE repository SET num_watches = num_watches - 1 WHERE id = %s", repository_id)


def star(db: Session, user_id: int, repository_id: int, *, on: bool) -> None:
    """Idempotent."""
    there = db.one("SELECT id FROM star WHERE uid = %s AND repo_id = %s", user_id, repository_id)
    if bool(there) == on:
        return
    if on:
        db.insert("star", uid=user_id, repo_id=repository_id)
    else:
        db.run("DELETE FROM star WHERE uid = %s AND repo_id = %s", user_id, repository_id)
    step = 1 if on else -1
    db.run("UPDATE repository SET num_stars = num_stars + %s WHERE id = %s", step, repository_id)
    db.run("UPDATE `user` SET num_stars = num_stars + %s WHERE id = %s", step, user_id)


def collaborate(db: Session, repository: Row, user: Row, mode: int) -> None:
    """Add the person, or change what they may do."""
    if db.one("SELECT id FROM collaboration WHERE user_id = %s AND repo_id = %s", user["id"], repository["id"]):
        db.run(
            "UPDATE collaboration SET mode = %s WHERE user_id = %s AND repo_id = %s", mode, user["id"], repository["id"]
        )
    else:
        db.insert("collaboration", user_id=user["id"], repo_id=repository["id"], mode=mode)
        watch(db, user["id"], repository["id"])
    access.recalculate(db, repository)
