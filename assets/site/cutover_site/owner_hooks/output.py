"""The output of a hook as it leaves the machine: the last lines, without control characters and without secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from applications.profile import Logs

from cutover_site.launch.logs import keep_last_lines
from cutover_site.launch.scrub import scrub

MAX_LINES = 20
MAX_LINE_CHARACTERS = 200
MAX_CHARACTERS = 8_000
"""of the text that is searched for secrets"""


def clean_output(text: str, read_secrets: Callable[[], Iterable[str]], logs: Logs) -> list[str]:
    """Return the last lines of the output. `read_secrets` is called only if there is any output."""
    if not text.strip():
        return []
    shown = scrub(keep_last_lines(text, MAX_CHARACTERS), read_secrets(), logs)
    lines = [_clean_line(line) for line in shown.splitlines() if line.strip()]
    return lines[-MAX_LINES:]


def _clean_line(line: str) -> str:
    printable = "".join(sign if sign.isprintable() else " " for sign in line).strip()
    return printable if len(printable) <= MAX_LINE_CHARACTERS else printable[: MAX_LINE_CHARACTERS - 1] + "…"
