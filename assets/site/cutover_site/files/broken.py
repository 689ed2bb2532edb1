"""Repositories that git itself finds broken: carried over as they are, but somebody should know."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from applications.profile import Files

from cutover_site.files.digest import repositories
from cutover_site.files.names import printable, summarize

WORKERS = 4
BUDGET_SECONDS = 20.0
ONE_SECONDS = 10.0
LONGEST = 100
"""characters of what git says"""


def find_broken(rules: Files, root: Path, budget: float = BUDGET_SECONDS) -> dict[str, Any]:
    """Return the repositories of which a ref cannot be resolved to an object, and how many were not looked at for lack of time."""
    names = repositories(rules, root)
    base = root / (rules.repositories.folder if rules.repositories else "")
    deadline = time.monotonic() + budget
    with ThreadPoolExecutor(WORKERS) as pool:
        said = list(pool.map(lambda name: _complaint(base / name, deadline), names))
    return _facts(names, said)


def _facts(names: Sequence[str], said: Sequence[str | None]) -> dict[str, Any]:
    broken = [f"{name}: {text}" for name, text in zip(names, said) if text]
    return {"broken": summarize(broken), "looked_at": len(names) - said.count(None), "not_looked_at": said.count(None)}


def _complaint(repository: Path, deadline: float) -> str | None:
    """Return what git says; empty when it finds nothing; None when there was no time."""
    if time.monotonic() > deadline:
        return None
    if repository.is_symlink():
        return ""  # told as a link
    command = ["git", "-c", "safe.directory=*", "--git-dir", str(repository), "for-each-ref", "--format=%(objecttype)"]
    try:
        owner = _owner(repository)
    except FileNotFoundError:
        return ""  # the repository went meanwhile
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=ONE_SECONDS, check=False, env=_environment(), **owner
        )
    except subprocess.TimeoutExpired:
        return None
    lines = done.stderr.decode(errors="surrogateescape").strip().splitlines()
    if done.returncode or lines:
        return printable(lines[0] if lines else f"git ended with {done.returncode}")[:LONGEST]
    return ""


def _owner(repository: Path) -> dict[str, Any]:
    """Return whom git runs as: a repository's settings may name programs, which its owner must not start as root. Raises FileNotFoundError."""
    if os.geteuid() != 0:
        return {}
    status = repository.stat()
    return {"user": status.st_uid, "group": status.st_gid, "extra_groups": ()}


def _environment() -> dict[str, str]:
    """Nothing of the caller's, and no look at another server for an object that is missing here."""
    path = os.environ.get("PATH", "/usr/bin:/bin")
    return {"PATH": path, "HOME": "/", "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
