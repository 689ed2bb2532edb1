"""Run `gogs hook`, which git's three hooks call. Git shows its output to the user who pushes."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pymysql

from ..config.config import Config, ConfigError
from ..domain import protection
from ..domain.pushes import Push, record_push
from ..git.changes import parse_updates
from ..git.repository import Repository
from ..store.database import Database

BROKEN = "Internal error"
_log = logging.getLogger(__name__)


def run(config: Config, name: str, arguments: Sequence[str]) -> int:
    """Run one hook and return its exit code: 1 and one line on standard error when a protected branch or the repository's own hook refuses."""
    lines = sys.stdin.read() if name != "update" else ""
    if name == "pre-receive" and (reason := _find_rejection_reason(config, lines)):
        return _refuse(reason)
    if name == "post-receive":
        _record_push(config, lines)
    own = Path.cwd() / "custom_hooks" / name
    if not own.is_file():
        return 0
    done = subprocess.run([own, *arguments], input=lines, text=True, check=False)
    return _refuse(BROKEN) if done.returncode else 0


def _refuse(reason: str) -> int:
    print(f"Gogs: {reason}", file=sys.stderr)
    return 1


def _find_rejection_reason(config: Config, lines: str) -> str | None:
    """Return why the push is refused, or None. A push is also refused when the database does not respond."""
    try:
        push = Push.of(os.environ)
        if not push.protected:
            return None
        with Database(config, limit=1).open_session() as db:
            return protection.find_rejection_reason(
                db, Repository(Path.cwd()), push.repository_id, push.pusher_id, parse_updates(lines.splitlines())
            )
    except (pymysql.MySQLError, ConfigError) as error:
        _log.error("whether a push is allowed is not known, the database does not answer: %s", error)
        return BROKEN


def _record_push(config: Config, lines: str) -> None:
    try:
        with Database(config, limit=1).open_session() as db:
            record_push(db, config, Push.of(os.environ), parse_updates(lines.splitlines()))
    except (pymysql.MySQLError, ConfigError) as error:
        _log.error("a push is not noted, the database does not answer: %s", error)
