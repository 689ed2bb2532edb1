"""`gogs hook`: what git's three hooks delegate to."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pymysql

from ..config.config import Config, ConfigError
from ..domain import places
from ..domain.errors import Refused
from ..domain.pushes import Push, record
from ..git.command import GitError, text
from ..git.repository import EMPTY_ID
from ..store.database import Database, Session

_log = logging.getLogger(__name__)


def run(config: Config, name: str, arguments: Sequence[str]) -> int:
    """Exit code. A push by the site itself, without SSH_ORIGINAL_COMMAND, is none of the hooks' business."""
    if not os.environ.get("SSH_ORIGINAL_COMMAND"):
        return 0
    if name == "update":
        return _custom(name, arguments, b"")
    lines = sys.stdin.buffer.read()
    refs = [tuple(line.split()) for line in lines.decode().splitlines()]
    wiki = ".wiki.git/" in os.environ.get("GOGS_REPO_CUSTOM_HOOKS_PATH", "")
    if not wiki:
        changes = [(old, new, ref) for old, new, ref in refs]
        problem = _before(config, changes) if name == "pre-receive" else _after(config, changes)
        if problem:
            print(f"Gogs: {problem}", file=sys.stderr)
            return 1
    return _custom(name, arguments, lines)


def _before(config: Config, changes: Sequence[tuple[str, str, str]]) -> str:
    """Why the push is refused: no database, or a protected branch. Empty when it is not."""
    try:
        with Database(config, limit=1).session() as db:
            return next((problem for change in changes if (problem := _protected(db, config, *change))), "")
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


def _after(config: Config, changes: Sequence[tuple[str, str, str]]) -> str:
    """The refs have moved: what cannot be written about it any more is logged, and the push succeeds."""
    owner, name = os.environ["GOGS_REPO_OWNER_NAME"], os.environ["GOGS_REPO_NAME"]
    for old, new, ref in changes:
        push = Push(ref=ref, old=old, new=new, pusher=os.environ["GOGS_AUTH_USER_NAME"], owner=owner, name=name)
        try:
            with Database(config, limit=1).session() as db:
                record(db, config, push)
        except (pymysql.MySQLError, ConfigError, GitError, Refused, LookupError) as error:
            _log.error("PushUpdate: %s", error)
        _tell_server(config, owner, name, ref)
    return ""


def _tell_server(config: Config, owner: str, name: str, ref: str) -> None:
    query = {
        "branch": ref.removeprefix("refs/heads/"),
        "secret": os.environ["GOGS_REPO_OWNER_SALT_MD5"],
        "pusher": os.environ["GOGS_AUTH_USER_ID"],
    }
    url = f"{config.local_root_url}{owner}/{name}/tasks/trigger?{urllib.parse.urlencode(query)}"
    try:
        urllib.request.urlopen(url, timeout=10).close()
    except (urllib.error.URLError, OSError) as error:
        _log.error("Failed to trigger task: %s", error)


def _custom(name: str, arguments: Sequence[str], lines: bytes) -> int:
    """The repository's own hook of this name, when there is one."""
    folder = os.environ.get("GOGS_REPO_CUSTOM_HOOKS_PATH", "")
    hook = Path(folder) / name
    if not folder or not hook.is_file():
        return 0
    return subprocess.run([str(hook), *arguments], cwd=hook.parent.parent, input=lines, check=False).returncode
