"""Commits that the site makes for a signed-in person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..domain import places, users
from ..git.worktree import commit
from ..store.database import Row
from ..transport.git_http import hook_environment
from .site import config, db, site


def commit_for(
    user: Row,
    owner: Row,
    repository: Row,
    branch: str,
    change: Callable[[Path], None],
    *,
    message: str,
    new_branch: str = "",
) -> None:
    """As that person's push: its hooks run. The request's session holds nothing meanwhile. Raises GitError."""
    db().commit()
    bare = places.repository(config(), owner["name"], repository["name"])
    commit(
        bare,
        config().tmp / "local-r" / str(repository["id"]),
        branch,
        change,
        message=message,
        author=(users.display_name(user), user["email"]),
        hooks=hook_environment(user, owner, repository, bare),
        new_branch=new_branch,
    )
    site().deliveries.tell()


def commit_wiki(user: Row, owner: Row, repository: Row, change: Callable[[Path], None], *, message: str) -> None:
    """Wikis have one branch, master, and no activity. Raises GitError."""
    db().commit()
    bare = places.wiki(config(), owner["name"], repository["name"])
    author = (users.display_name(user), user["email"])
    copy = config().tmp / "local-wiki" / str(repository["id"])
    commit(bare, copy, "master", change, message=message, author=author, hooks={"SSH_ORIGINAL_COMMAND": ""})
