"""Commits that the site itself makes for a user, in a working copy below the machine's own tmp, pushed like any other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from .command import GitError, git, text

_locks: dict[Path, threading.Lock] = {}
_guard = threading.Lock()


def commit(
    bare: Path,
    copy: Path,
    branch: str,
    change: Callable[[Path], None],
    *,
    message: str,
    author: tuple[str, str],
    hooks: Mapping[str, str],
    new_branch: str = "",
) -> None:
    """Apply `change` to the branch's files and push the result. One commit at a time for each repository in this process.

    `hooks` is the environment of the push's hooks; empty, and the push goes by without them. Raises GitError.
    """
    with _guard:
        lock = _locks.setdefault(copy, threading.Lock())
    with lock:
        _update(bare, copy, branch)
        if new_branch and new_branch != branch:
            git("checkout", "-q", "-B", new_branch, cwd=copy)
        change(copy)
        git("add", "--all", cwd=copy)
        name, email = author
        signature = {
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": email,
            "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": email,
        }
        git("commit", "-q", "-m", message, cwd=copy, env=signature)
        target = new_branch or branch
        git("push", "-q", "origin", f"HEAD:refs/heads/{target}", cwd=copy, env=hooks)


def _update(bare: Path, copy: Path, branch: str) -> None:
    """`copy` becomes a clean clone of the branch as it is now; an empty repository gives an empty copy."""
    if not (copy / ".git").is_dir():
        copy.parent.mkdir(parents=True, exist_ok=True)
        git("clone", "-q", str(bare), str(copy), cwd=copy.parent)
    git("fetch", "-q", "--prune", "origin", cwd=copy)
    try:
        text("rev-parse", "--verify", "--quiet", f"refs/remotes/origin/{branch}", cwd=copy)
    except GitError:
        git("symbolic-ref", "HEAD", f"refs/heads/{branch}", cwd=copy)
        return
    git("checkout", "-q", "-f", "-B", branch, f"origin/{branch}", cwd=copy)
    git("clean", "-qfdx", cwd=copy)
