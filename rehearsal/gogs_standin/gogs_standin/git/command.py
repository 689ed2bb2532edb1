"""Runs git. The one place that knows how."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


class GitError(Exception):
    """git said no; the message is what it said."""


def git(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None, data: bytes | None = None) -> bytes:
    """Standard output. Raises GitError."""
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
        said = done.stderr.decode(errors="replace").strip()
        raise GitError(f"git {arguments[0]} in {cwd} ended with {done.returncode}: {said}")
    return done.stdout


def text(*arguments: str, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    return git(*arguments, cwd=cwd, env=env).decode(errors="replace")
