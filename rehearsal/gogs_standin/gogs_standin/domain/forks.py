"""Fork repositories. A fork shares the base's objects by hard links."""

from __future__ import annotations

from ..config.config import Config
from ..git import hooks
from ..git.command import run_git
from ..git.repository import Repository
from ..store.database import Row, Session
from . import actions, paths, repositories, repository_creation, users
from .repository_creation import FEATURES


def create(
    db: Session, config: Config, doer: Row, owner: Row, base_owner: Row, base: Row, name: str, description: str
) -> Row:
    """Create a fork with the base's visibility, without wiki and issues. Raises RequestRefused, Exists."""
    source = paths.locate_repository(config, base_owner["name"], base["name"])
    path = paths.locate_repository(config, owner["name"], name)
    inherited = {column: base[column] for column in ("is_private", "is_unlisted", "is_bare", "default_branch")}
    row = repository_creation.insert(
        db,
        owner,
        name,
        description=description,
        is_fork=1,
        fork_id=base["id"],
        **inherited,
        **dict.fromkeys(FEATURES, 0),
    )
    with repository_creation.remove_on_error(path):
        run_git("clone", "--quiet", "--bare", "--local", str(source), str(path), cwd=path.parent)
        hooks.write(config, path)
        db.run("UPDATE repository SET size = %s WHERE id = %s", Repository(path).measure_size(), row["id"])
        db.run("UPDATE repository SET num_forks = num_forks + 1 WHERE id = %s", base["id"])
        actions.record(db, actions.Kind.FORK, doer, owner, row)
    users.update(db, owner["id"], last_repo_visibility=int(row["is_private"]))
    return repositories.get_by_id(db, row["id"])


def find_fork_of_owner(db: Session, base: Row, owner: Row) -> Row | None:
    """Return the owner's existing fork of this repository, or None."""
    return db.fetch_one("SELECT * FROM repository WHERE fork_id = %s AND owner_id = %s", base["id"], owner["id"])
