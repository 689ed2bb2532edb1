"""Run git commands that end soon, and report their errors."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


class GitError(Exception):
    """git failed; the message has git's error."""


def run_git(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None, data: bytes | None = None) -> bytes:
    """Run git and return its standard output. Raises GitError."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        input=data,
        stdin=subprocess.DEVNULL if data is None else None,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        output = done.stderr.decode(errors="replace").strip()
        raise GitError(f"git {arguments[0]} in {cwd} ended with {done.returncode}: {output}")
    return done.stdout


def run_git_text(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Run git and return its standard output as text. Raises GitError."""
    return run_git(*arguments, cwd=cwd, env=env).decode(errors="replace")
