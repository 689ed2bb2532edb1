"""The freeze lease as a systemd timer. It fires when the lease ends, also after restarts of the machine."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from cutover_site.system import systemd, textfiles

TIMER = "cutover-lease.timer"
DROP_IN = Path("etc/systemd/system/cutover-lease.timer.d/expiry.conf")


def render_drop_in(lease_until: float) -> str:
    """Return the drop-in that lets the timer fire at this moment, and never before. `lease_until`: seconds since 1970."""
    moment = datetime.fromtimestamp(lease_until + 0.999, tz=timezone.utc)
    return f"[Timer]\nOnCalendar={moment:%Y-%m-%d %H:%M:%S} UTC\nAccuracySec=100ms\n"


def arm(root: Path, lease_until: float) -> None:
    """Let the timer fire at `lease_until`, and soon after each boot, because the lease may end while the machine is off.

    systemd needs a third of a second to reload its units. The timer of a database server has no end (`lease_until` is 0) and is armed while
    users wait. So its units are reloaded only when an end was left behind. (NeedDaemonReload alone is not enough: after the first drop-in
    it stays `no`.)
    """
    drop_in = root / DROP_IN
    reload = bool(lease_until) or drop_in.exists() or systemd.is_reload_needed(TIMER)
    if lease_until:
        textfiles.replace(drop_in, render_drop_in(lease_until))
    else:
        drop_in.unlink(missing_ok=True)
    systemd.enable(TIMER, reload=False)
    if reload:
        systemd.reload_unit_files()
    systemd.restart(TIMER)


def disarm(root: Path) -> None:
    """Stop the timer and remove its drop-in."""
    (root / DROP_IN).unlink(missing_ok=True)
    systemd.stop(TIMER)
    systemd.disable(TIMER, reload=False)
    systemd.reload_unit_files()
