"""Create repositories: a row and a bare repository, both or neither."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..config.config import Config
from ..git import hooks, writing
from ..git.command import run_git
from ..store.database import Row, Session
from . import actions, clock, followers, organisations, paths, repositories, users
from .exceptions import Exists, RequestRefused
from .quota import require_room

_NAME = re.compile(r"[\w.-]{1,100}")
_TAKEN_ENDINGS = (".git", ".wiki")
FEATURES = ("enable_wiki", "enable_issues", "enable_pulls")


def create(
    db: Session,
    config: Config,
    doer: Row,
    owner: Row,
    name: str,
    *,
    description: str = "",
    private: bool = False,
    auto_init: bool = False,
) -> Row:
    """Create a repository, with a first commit if `auto_init`. Raises RequestRefused.

    Raises FileExistsError when its folder exists, which becomes the response 500, as recorded.
    """
    require_room(config, owner)
    path = paths.locate_repository(config, owner["name"], name)
    if path.exists():
        raise FileExistsError(path)
    row = insert(
        db,
        owner,
        name,
        description=description,
        is_private=int(private),
        is_bare=int(not auto_init),
        default_branch=config.default_branch,
    )
    with remove_on_error(path):
        init_bare(config, path)
        if auto_init:
            readme = {"README.md": f"# {name}\n\n{description}\n".encode()}
            first = writing.Draft(users.display_name(doer), doer["email"], "First commit", readme)
            writing.write(path, first, to=config.default_branch)
        actions.record(db, actions.Kind.REPOSITORY, doer, owner, row)
    users.update(db, owner["id"], last_repo_visibility=int(private))
    return row


@contextmanager
def remove_on_error(path: Path) -> Iterator[None]:
    """Remove the folder when the block raises. The session, which the exception then leaves, rolls the rows back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise


def init_bare(config: Config, path: Path) -> None:
    """Create an empty bare repository with the site's hooks. Raises GitError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    run_git("init", "--quiet", "--bare", f"--initial-branch={config.default_branch}", str(path), cwd=path.parent)
    hooks.write(config, path)


def insert(db: Session, owner: Row, name: str, **columns: object) -> Row:
    """Insert the row and make its owners watch it. Raises Exists, RequestRefused."""
    if ending := next((ending for ending in _TAKEN_ENDINGS if name.lower().endswith(ending)), None):
        raise RequestRefused(f"name is not allowed: map[pattern:*{ending} reason:reserved]")
    if not _NAME.fullmatch(name) or name in (".", ".."):
        raise RequestRefused(f"name is not allowed: map[name:{name} reason:reserved]")
    if db.fetch_one("SELECT id FROM repository WHERE owner_id = %s AND lower_name = %s", owner["id"], name.lower()):
        raise Exists(f"{owner['name']} has a repository {name} already")
    times = dict.fromkeys(("created_unix", "updated_unix"), clock.now())
    number = db.insert("repository", owner_id=owner["id"], name=name, lower_name=name.lower(), **times, **columns)
    db.run("UPDATE `user` SET num_repos = num_repos + 1 WHERE id = %s", owner["id"])
    if owner["type"] == users.ORGANISATION:
        organisations.add_repository(db, owner, repositories.get_by_id(db, number))
    followers.watch(db, owner["id"], number)
    return repositories.get_by_id(db, number)
