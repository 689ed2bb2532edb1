"""Run git as the acceptance user."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.acceptance.transport import resolve_address
from cutover_site.errors import CommandFailed
from cutover_site.system.commands import run

GIT_SECONDS = 120


class GitUser(Protocol):
    """What git needs of a session. `work`: its home. `resolve`: name or address to connect to instead of what DNS returns."""

    url: str
    username: str
    password: str
    resolve: str
    work: Path


def run_git(
    session: GitUser, *arguments: str, cwd: Path | None = None, environment: dict[str, str] | None = None
) -> str:
    """Return git's standard output. Raises CheckFailed with git's error.

    The password is only in the environment of the process.
    """
    credentials = base64.b64encode(f"{session.username}:{session.password}".encode()).decode()
    configuration = [("http.extraHeader", f"Authorization: Basic {credentials}"), ("user.name", session.username),
                     ("user.email", f"{session.username}@localhost"), ("http.curloptResolve", _build_pin(session))]  # fmt: skip
    set_up = {"GIT_CONFIG_COUNT": str(len(configuration))}
    for number, (key, value) in enumerate(configuration):
        set_up.update({f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value})
    base = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(session.work),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    try:
        command = ("git", *(("-C", str(cwd)) if cwd else ()), *arguments)
        done = run(*command, timeout=GIT_SECONDS, environment={**base, **set_up, **(environment or {})})
    except CommandFailed as error:
        raise CheckFailed(error.reason) from error
    return done.stdout.decode(errors="replace").strip()


def _build_pin(session: GitUser) -> str:
    """Return curl's option that pins the site's name to an address. An empty value changes nothing."""
    if not session.resolve:
        return ""
    parts = urlsplit(session.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.hostname}:{port}:{resolve_address(session.resolve)}"
