"""Collect the logs of a launched machine that failed, without secrets and small enough for one result.

They are its journals and the application's own logs, as compressed text: Systems Manager returns 24,000 characters at
most, and no machine may write to the evidence.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cutover_site.errors import SiteError
from cutover_site.launch.scrub import scrub
from cutover_site.launch.secrets import find_known_secrets
from cutover_site.machine import Machine
from cutover_site.result_size import pack
from cutover_site.system.commands import run

LONGEST = 20_000
"""characters of the compressed text"""
MOST = 64_000
"""characters of one source before it is compressed; halved until the whole fits"""
LEAST = 500
LINES = 400
COMMAND_SECONDS = 3.0
ALL_SECONDS = 10.0
"""for all sources together; the roll back waits slightly longer for the result"""
APPLICATION_LOGS = 6
"""files, the newest"""
JOURNAL = ("journalctl", "--boot", "--no-pager", "--output=short-iso", f"--lines={LINES}")
UNITS = ("cutover-*.service", "haproxy.service", "cloud-*.service", "mnt-efs.mount")


@dataclass(frozen=True)
class Source:
    """One part of the logs. `read` may raise SiteError or OSError."""

    name: str
    read: Callable[[], str]


def collect_logs(machine: Machine) -> dict[str, Any]:
    """Return `logs`: base64 of the compressed text, never longer than LONGEST.

    The text names the sources that cannot be read.
    """
    try:
        secrets = find_known_secrets(machine)
    except SiteError as error:
        # Without the values, no secret can be recognized in a log.
        return _build_facts(
            f"The logs were not collected: the secrets to take out of them cannot be read: {error.reason}\n", []
        )
    deadline = time.monotonic() + ALL_SECONDS
    texts = {
        source.name: scrub(keep_last_lines(_read_text(source, deadline)), secrets, machine.layout.application.logs)
        for source in _list_sources(machine)
    }
    most = MOST
    while True:
        facts = _build_facts("".join(_format_section(name, text, most) for name, text in texts.items()), list(texts))
        if len(facts["logs"]) <= LONGEST or most <= LEAST:
            return facts
        most //= 2


def _build_facts(text: str, names: list[str]) -> dict[str, Any]:
    clean = text.encode(errors="replace").decode()
    return {"logs": pack(clean), "characters": len(clean), "sources": names}


def _format_section(name: str, text: str, most: int) -> str:
    """Return one part of the text. Keep its end, which shows why something stopped."""
    shown = text if len(text) <= most else f"[{len(text) - most} characters before this are left out]\n{text[-most:]}"
    return f"==== {name}\n{shown.rstrip()}\n\n"


def _read_text(source: Source, deadline: float) -> str:
    if time.monotonic() > deadline:
        return "not read: there was no time left"
    try:
        return source.read()
    except (SiteError, OSError) as error:
        return f"cannot be read: {error}"


def _list_sources(machine: Machine) -> Iterator[Source]:
    application = machine.layout.application
    for unit in (*application.units, *UNITS):
        yield Source(f"journal of {unit}", lambda unit=unit: _run_command(*JOURNAL, f"--unit={unit}"))  # type: ignore[misc]
    for path in find_application_logs(machine.layout.root / application.logs.folder, _read_boot_time()):
        yield Source(str(path), lambda path=path: read_tail(path))  # type: ignore[misc]
    yield Source("failed units", lambda: _run_command("systemctl", "--failed", "--no-pager", "--plain"))
    yield Source("warnings of the kernel", lambda: _run_command(*JOURNAL[:-1], "--lines=80", "--dmesg", "--priority=4"))


def _run_command(*words: str) -> str:
    done = run(*words, timeout=COMMAND_SECONDS, accept=range(256))
    return (done.stdout + done.stderr).decode(errors="replace")


def keep_last_lines(text: str, most: int = MOST) -> str:
    """Return the end of a text, from the start of a line: in half a line a secret cannot be recognized."""
    if len(text) <= most:
        return text
    _, found, whole = text[-most:].partition("\n")
    return whole if found else f"[one line of more than {most} characters is left out]"


def _read_boot_time() -> float:
    """Return when the machine started, in seconds since the epoch."""
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)


def find_application_logs(folder: Path, since: float) -> list[Path]:
    """Return the newest files that were written since the machine started. Older files came with the source's disk."""
    written = [
        (path.stat().st_mtime, path) for path in folder.rglob("*.log*") if path.is_file() and not path.is_symlink()
    ]
    return [path for moment, path in sorted(written, reverse=True)[:APPLICATION_LOGS] if moment >= since]


def read_tail(path: Path, most: int = 2 * MOST) -> str:
    """Return at most the last `most` bytes of a file, from the start of a line."""
    with path.open("rb") as stream:
        before = max(0, path.stat().st_size - most)
        stream.seek(before)
        text = stream.read(most).decode(errors="replace")
    return text.partition("\n")[2] if before else text
