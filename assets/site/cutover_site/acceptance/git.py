"""git as the acceptance user."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cutover_site.acceptance.errors import CheckFailed
from cutover_site.acceptance.transport import address_of
from cutover_site.errors import CommandFailed
from cutover_site.system.commands import run

if TYPE_CHECKING:
    from cutover_site.acceptance.site import Visit

GIT_SECONDS = 120


def run_git(visit: Visit, *arguments: str, cwd: Path | None = None, environment: dict[str, str] | None = None) -> str:
    """Return standard output. The password is in the environment of the process only. Raises CheckFailed with what git said."""
    credentials = base64.b64encode(f"{visit.username}:{visit.password}".encode()).decode()
    configuration = [("http.extraHeader", f"Authorization: Basic {credentials}"), ("user.name", visit.username),
                     ("user.email", f"{visit.username}@localhost"), ("http.curloptResolve", _pin(visit))]  # fmt: skip
    set_up = {"GIT_CONFIG_COUNT": str(len(configuration))}
    for number, (key, value) in enumerate(configuration):
        set_up.update({f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value})
    base = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(visit.work),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    try:
        command = ("git", *(("-C", str(cwd)) if cwd else ()), *arguments)
        done = run(*command, timeout=GIT_SECONDS, environment={**base, **set_up, **(environment or {})})
    except CommandFailed as error:
        raise CheckFailed(error.reason) from error
    return done.stdout.decode(errors="replace").strip()


def _pin(visit: Visit) -> str:
    """curl's way to say where the name points; an empty value changes nothing."""
    if not visit.resolve:
        return ""
    parts = urlsplit(visit.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.hostname}:{port}:{address_of(visit.resolve)}"
