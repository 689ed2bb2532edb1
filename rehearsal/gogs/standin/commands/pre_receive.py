"""Before a push moves its refs: is the database there, does a protected branch forbid it."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence

import pymysql

from ..config.config import Config, ConfigError
from ..domain import places
from ..git.command import text
from ..git.ids import EMPTY_ID
from ..store.database import Database, Session

_log = logging.getLogger(__name__)


def problem(config: Config, changes: Sequence[tuple[str, str, str]]) -> str:
    """Why the push is refused: no database, or a protected branch. Empty when it is not."""
    try:
        with Database(config, limit=1).session() as db:
            return next((found for change in changes if (found := _protected(db, config, *change))), "")
    except (pymysql.MySQLError, ConfigError) as error:
        _log.error("pre-receive: %s", error)
        return "Internal error"


def _protected(db: Session, config: Config, old: str, new: str, ref: str) -> str:
    branch, repository_id = ref.removeprefix("refs/heads/"), os.environ["GOGS_REPO_ID"]
    found = db.one(
        "SELECT * FROM protect_branch WHERE repo_id = %s AND name = %s AND protected = 1", repository_id, branch
    )
    if not found:
        return ""
    user, listed = os.environ["GOGS_AUTH_USER_ID"], False
    if found["enable_whitelist"]:
        statement = "SELECT id FROM protect_branch_whitelist WHERE repo_id = %s AND name = %s AND user_id = %s"
        listed = db.one(statement, repository_id, branch, user) is not None
        if not listed:
            return f"Branch '{branch}' is protected and you are not in the push whitelist"
    if found["require_pull_request"] and not listed:
        return f"Branch '{branch}' is protected and commits must be merged through pull request"
    if new == EMPTY_ID:
        return f"Branch '{branch}' is protected from deletion"
    path = places.repository(config, os.environ["GOGS_REPO_OWNER_NAME"], os.environ["GOGS_REPO_NAME"])
    if old != EMPTY_ID and text("rev-list", "--max-count=1", old, f"^{new}", cwd=path):
        return f"Branch '{branch}' is protected from force push"
    return ""
