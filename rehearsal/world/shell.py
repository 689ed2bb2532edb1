"""Run commands of the host. An error contains the output of the command."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from rehearsal.errors import RehearsalError

TOOL_TIMEOUT = 600.0
"""Seconds after which a tool of the host (mount, ip, nft, mkfs, apt) is taken for hung."""


def run(
    *command: str | Path,
    text: str | None = None,
    timeout: float = TOOL_TIMEOUT,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    accept: tuple[int, ...] = (0,),
) -> str:
    """Return the standard output of a command that must succeed. Raises RehearsalError with the last lines of its output."""
    words: Sequence[str] = [str(word) for word in command]
    try:
        done = subprocess.run(
            words, input=text, capture_output=True, text=True, timeout=timeout, env=env, cwd=cwd, check=False
        )
    except FileNotFoundError:
        raise RehearsalError(f"{words[0]} is not installed; `python -m rehearsal up` as root installs it.") from None
    except subprocess.TimeoutExpired:
        raise RehearsalError(f"`{' '.join(words)}` did not end within {timeout:.0f} s.") from None
    if done.returncode not in accept:
        output = " / ".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-5:])
        if "No space left on device" in output:
            raise RehearsalError(f"The disk is full (`{words[0]}`): free space for the rehearsal's folder and cache.")
        raise RehearsalError(f"`{' '.join(words)}` failed with exit code {done.returncode}: {output}")
    return done.stdout
