"""Whether a run that begins now can still have its window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common.clock import format_iso

from operate.checks.finding import Finding, found_problem

if TYPE_CHECKING:
    from settings import Settings

AREA = "settings"


def find_past_window(settings: Settings, *, now: float) -> list[Finding]:
    """Return a problem for a maintenance window that is over. `now`: seconds since 1970."""
    window = settings.cutover.window
    if window is None or window.until.timestamp() > now:
        return []
    return [
        found_problem(
            AREA,
            f"the maintenance window of [cutover] ended at {format_iso(window.until.timestamp())}, so that each run fails before its launch",
            "write a later window, or remove the key",
        )
    ]
