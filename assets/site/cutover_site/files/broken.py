"""Find repositories that are broken by git's own check. They are migrated unchanged, and the operator gets their names."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from applications.profile import Files

from cutover_site.files.digest import list_repositories
from cutover_site.files.names import escape_name, summarize

WORKERS = 4
BUDGET_SECONDS = 20.0
TIMEOUT_SECONDS = 10.0
"""for one repository"""
MAX_CHARACTERS = 100
"""of a message of git"""


def find_broken(rules: Files, root: Path, budget_seconds: float = BUDGET_SECONDS) -> dict[str, Any]:
    """Return the repositories with a ref that does not resolve to an object, and how many were not checked for lack of time."""
    names = list_repositories(rules, root)
    base = root / (rules.repositories.folder if rules.repositories else "")
    deadline = time.monotonic() + budget_seconds
    with ThreadPoolExecutor(WORKERS) as pool:
        messages = list(pool.map(lambda name: _check_repository(base / name, deadline), names))
    return _build_facts(names, messages)


def _build_facts(names: Sequence[str], messages: Sequence[str | None]) -> dict[str, Any]:
    broken = [f"{name}: {text}" for name, text in zip(names, messages) if text]
    unchecked = messages.count(None)
    return {"broken": summarize(broken), "looked_at": len(names) - unchecked, "not_looked_at": unchecked}


def _check_repository(repository: Path, deadline: float) -> str | None:
    """Return git's error message; empty when it finds no error; None when there was no time."""
    if time.monotonic() > deadline:
        return None
    if repository.is_symlink():
        return ""  # the survey reports links
    command = ["git", "-c", "safe.directory=*", "--git-dir", str(repository), "for-each-ref", "--format=%(objecttype)"]
    try:
        owner = _choose_process_owner(repository)
    except FileNotFoundError:
        return ""  # the repository was deleted meanwhile
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=TIMEOUT_SECONDS, check=False, env=_build_environment(), **owner
        )
    except subprocess.TimeoutExpired:
        return None
    lines = done.stderr.decode(errors="surrogateescape").strip().splitlines()
    if done.returncode or lines:
        return escape_name(lines[0] if lines else f"git ended with {done.returncode}")[:MAX_CHARACTERS]
    return ""


def _choose_process_owner(repository: Path) -> dict[str, Any]:
    """Return user and groups for git: a repository's settings may name programs, which must not run as root. Raises FileNotFoundError."""
    if os.geteuid() != 0:
        return {}
    status = repository.stat()
    return {"user": status.st_uid, "group": status.st_gid, "extra_groups": ()}


def _build_environment() -> dict[str, str]:
    """Return an environment without the caller's variables, in which git does not fetch missing objects from another server."""
    path = os.environ.get("PATH", "/usr/bin:/bin")
    return {"PATH": path, "HOME": "/", "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
