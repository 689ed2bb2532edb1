"""Store who watches a repository, who stars it and who collaborates on it."""

from __future__ import annotations

from ..store.database import Row, Session
from . import access


def watch(db: Session, user_id: int, repository_id: int) -> None:
    """Watch the repository. It is safe to repeat."""
    if db.run("INSERT IGNORE INTO watch (user_id, repo_id) VALUES (%s, %s)", user_id, repository_id):
        db.run("UPDATE repository SET num_watches = num_watches + 1 WHERE id = %s", repository_id)


def unwatch_repository(db: Session, user_id: int, repository_id: int) -> None:
    """End watching. It is safe to repeat."""
    if db.run("DELETE FROM watch WHERE user_id = %s AND repo_id = %s", user_id, repository_id):
        db.run("UPDATE repository SET num_watches = num_watches - 1 WHERE id = %s", repository_id)


def star_repository(db: Session, user_id: int, repository_id: int) -> None:
    """Star the repository and update both counts. It is safe to repeat."""
    if db.run("INSERT IGNORE INTO star (uid, repo_id) VALUES (%s, %s)", user_id, repository_id):
        _count_stars(db, user_id, repository_id, 1)


def unstar_repository(db: Session, user_id: int, repository_id: int) -> None:
    """Remove the star and update both counts. It is safe to repeat."""
    if db.run("DELETE FROM star WHERE uid = %s AND repo_id = %s", user_id, repository_id):
        _count_stars(db, user_id, repository_id, -1)


def add_collaborator(db: Session, repository: Row, user: Row, mode: int) -> None:
    """Add a collaborator who also watches, or change the access."""
    db.run(
        "INSERT INTO collaboration (user_id, repo_id, mode) VALUES (%s, %s, %s) ON DUPLICATE KEY UPDATE mode = VALUES(mode)",
        user["id"], repository["id"], mode,
    )  # fmt: skip
    watch(db, user["id"], repository["id"])
    access.recalculate_access(db, repository)


def is_collaborator(db: Session, repository: Row, user: Row) -> bool:
    """Return whether the user is a collaborator. Teams and owners do not count."""
    found = db.fetch_one(
        "SELECT id FROM collaboration WHERE user_id = %s AND repo_id = %s", user["id"], repository["id"]
    )
    return found is not None


def end_collaboration(db: Session, repository: Row, user: Row) -> None:
    """Remove the collaborator, who then no longer watches. It is safe to repeat."""
    db.run("DELETE FROM collaboration WHERE user_id = %s AND repo_id = %s", user["id"], repository["id"])
    unwatch_repository(db, user["id"], repository["id"])
    access.recalculate_access(db, repository)


def _count_stars(db: Session, user_id: int, repository_id: int, step: int) -> None:
    db.run("UPDATE repository SET num_stars = num_stars + %s WHERE id = %s", step, repository_id)
    db.run("UPDATE `user` SET num_stars = num_stars + %s WHERE id = %s", step, user_id)
