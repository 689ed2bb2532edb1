"""Run `cutover-site check-source` on the server, as docs/check-source.md asks: the folder is copied there, nothing is installed."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

from rehearsal.errors import RehearsalError
from rehearsal.foreign_site import facts
from rehearsal.settings import Settings
from rehearsal.world import enter

TOOL = Path(__file__).resolve().parents[2] / "assets/site"
REQUIREMENT = "python3-pymysql"
FOLDER = "/root/site"
_SECONDS = 180.0


def copy_tool(settings: Settings) -> None:
    """Copy the folder of the tool to the server, and install the package that the check of a database needs. Raises RehearsalError."""
    words = ["/usr/bin/apt-get", "-qq", "-y", "--no-install-recommends", "install", REQUIREMENT]
    done = enter.run(settings, facts.SERVER, words, env={"DEBIAN_FRONTEND": "noninteractive"}, timeout=_SECONDS)
    if done.exit_code:
        raise RehearsalError(f"{REQUIREMENT} could not be installed on {facts.SERVER}: {done.stderr.strip()[-200:]}")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(TOOL, arcname=".", filter=leave_caches_out)
    target = settings.mounts / facts.SERVER / FOLDER.lstrip("/")
    target.mkdir(mode=0o700, exist_ok=True)
    packed.seek(0)
    with tarfile.open(fileobj=packed) as archive:
        archive.extractall(target, filter="data")


def check_source(settings: Settings, provider: str, *more: str) -> dict[str, Any]:
    """Return the result of the check: its findings, the inventory and the rest. Raises RehearsalError when there is none."""
    words = ["/usr/bin/python3", "-m", "cutover_site", "check-source", "--json", "--provider", provider, *more]
    done = enter.run(settings, facts.SERVER, words, cwd=FOLDER, timeout=_SECONDS)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        last = ([*done.stdout.strip().splitlines(), *done.stderr.strip().splitlines()] or ["no output"])[-1]
        raise RehearsalError(f"check-source printed no result on {facts.SERVER}: {last}") from None
    return dict(found)


def leave_caches_out(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Return a member of an archive as root owns it; None for what Python has compiled."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return None if "__pycache__" in member.name else member
