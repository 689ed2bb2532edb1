"""`gogs hook`: what git's three hooks call. Git shows what it prints to the one who pushes."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pymysql

from ..config.config import Config, ConfigError
from ..domain.pushes import Push, note
from ..git.changes import told
from ..store.database import Database

_log = logging.getLogger(__name__)


def run(config: Config, name: str, arguments: Sequence[str]) -> int:
    """Exit code: that of the repository's own hook, where it has one. Only post-receive does more than calling that."""
    lines = sys.stdin.read() if name != "update" else ""
    if name == "post-receive":
        _note(config, lines)
    own = Path.cwd() / "custom_hooks" / name
    if not own.is_file():
        return 0
    return subprocess.run([own, *arguments], input=lines, text=True, check=False).returncode


def _note(config: Config, lines: str) -> None:
    try:
        with Database(config, limit=1).session() as db:
            note(db, config, Push.of(os.environ), told(lines.splitlines()))
    except (pymysql.MySQLError, ConfigError) as error:
        _log.error("a push is not noted, the database does not answer: %s", error)
