"""Find, list and delete repositories. `repository_creation` and `forks` create them."""

from __future__ import annotations

import shutil

from ..config.config import Config
from ..store.database import Row, Session
from . import paths
from .exceptions import Missing

_OF_ISSUES = ("comment", "attachment", "issue_label")
_OF_REPOSITORY = (
    "issue_user", "issue", "label", "milestone", "release", "webhook", "hook_task", "star", "watch", "access",
    "collaboration", "action", "team_repo", "lfs_object", "deploy_key", "protect_branch", "protect_branch_whitelist",
)  # fmt: skip


def get_by_id(db: Session, repository_id: int) -> Row:
    """Return one repository. Raises Missing."""
    found = db.fetch_one("SELECT * FROM repository WHERE id = %s", repository_id)
    if not found:
        raise Missing(f"no repository {repository_id}")
    return found


def find_by_name(db: Session, owner: str, name: str) -> tuple[Row, Row]:
    """Return the owner's row and the repository's. The names are case-insensitive. Raises Missing."""
    found = db.fetch_one(
        "SELECT r.* FROM repository r JOIN `user` u ON u.id = r.owner_id WHERE u.lower_name = %s AND r.lower_name = %s",
        owner.lower(), name.lower(),
    )  # fmt: skip
    if not found:
        raise Missing(f"no repository {owner}/{name}")
    return db.fetch_existing("SELECT * FROM `user` WHERE id = %s", found["owner_id"]), found


def list_owned(db: Session, owner_id: int) -> list[Row]:
    """Return an owner's repositories, the last changed first."""
    return db.fetch_all("SELECT * FROM repository WHERE owner_id = %s ORDER BY updated_unix DESC, id", owner_id)


def list_forks(db: Session, repository_id: int) -> list[Row]:
    """Return the forks of a repository, also private ones, oldest first."""
    return db.fetch_all("SELECT * FROM repository WHERE fork_id = %s ORDER BY id", repository_id)


def list_public(db: Session, word: str = "", limit: int = 50) -> list[Row]:
    """Return public repositories whose name contains `word`, each with its owner's name as `owner`, the last changed first."""
    return db.fetch_all(
        "SELECT r.*, u.name AS owner FROM repository r JOIN `user` u ON u.id = r.owner_id"
        " WHERE r.is_private = 0 AND r.is_unlisted = 0 AND LOCATE(%s, r.lower_name) ORDER BY r.updated_unix DESC LIMIT %s",
        word.lower(), limit,
    )  # fmt: skip


def list_accessible(db: Session, user_id: int) -> list[tuple[Row, int]]:
    """Return other owners' repositories that this user may access through a collaboration or a team, with the access."""
    rows = db.fetch_all(
        "SELECT r.*, a.mode AS level FROM repository r JOIN access a ON a.repo_id = r.id AND a.user_id = %s"
        " WHERE r.owner_id <> a.user_id ORDER BY r.id",
        user_id,
    )
    return [(row, row.pop("level")) for row in rows]


def delete(db: Session, config: Config, owner: Row, repository: Row) -> None:
    """Delete the rows and folders of a repository, with its issues and their files."""
    number = repository["id"]
    for uuid in _list_attachments(db, number):
        paths.locate_file(config.attachments, uuid).unlink(missing_ok=True)
    for table in _OF_ISSUES:
        db.run(f"DELETE t FROM `{table}` t JOIN issue i ON i.id = t.issue_id WHERE i.repo_id = %s", number)
    db.run(
        "UPDATE team t JOIN team_repo w ON w.team_id = t.id SET t.num_repos = t.num_repos - 1 WHERE w.repo_id = %s",
        number,
    )
    for table in _OF_REPOSITORY:
        db.run(f"DELETE FROM `{table}` WHERE repo_id = %s", number)
    db.run("DELETE FROM repository WHERE id = %s", number)
    db.run("UPDATE repository SET num_forks = num_forks - 1 WHERE id = %s", repository["fork_id"])
    db.run("UPDATE `user` SET num_repos = num_repos - 1 WHERE id = %s", owner["id"])
    for place in (paths.locate_repository, paths.locate_wiki):
        shutil.rmtree(place(config, owner["name"], repository["name"]), ignore_errors=True)


def _list_attachments(db: Session, repository_id: int) -> list[str]:
    """Return the UUIDs of all attachments of the repository's issues and releases."""
    found = db.fetch_all(
        "SELECT a.uuid FROM attachment a LEFT JOIN issue i ON i.id = a.issue_id LEFT JOIN `release` r ON r.id = a.release_id"
        " WHERE i.repo_id = %s OR r.repo_id = %s",
        repository_id, repository_id,
    )  # fmt: skip
    return [str(row["uuid"]) for row in found]
