"""The dead man's lease as a systemd timer: it fires when the lease ends, however this machine was restarted meanwhile."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from cutover_site.system import systemd, textfiles

TIMER = "cutover-lease.timer"
DROP_IN = Path("etc/systemd/system/cutover-lease.timer.d/expiry.conf")


def calendar(lease_until: float) -> str:
    """The drop-in that makes the timer fire at this moment (never before it)."""
    moment = datetime.fromtimestamp(lease_until + 0.999, tz=timezone.utc)
    return f"[Timer]\nOnCalendar={moment:%Y-%m-%d %H:%M:%S} UTC\nAccuracySec=100ms\n"


def arm(root: Path, lease_until: float) -> None:
    """Make the switch fire at `lease_until`, and soon after a start of the machine to look at a lease that ended while it was off.

    systemd takes a third of a second to read its units again. A database server, whose timer has no time (0), is armed while users wait:
    there it is done only where a time was left behind. (NeedDaemonReload alone is no answer: it stays `no` after a first drop-in.)
    """
    drop_in = root / DROP_IN
    reload = bool(lease_until) or drop_in.exists() or systemd.needs_reload(TIMER)
    if lease_until:
        textfiles.replace(drop_in, calendar(lease_until))
    else:
        drop_in.unlink(missing_ok=True)
    systemd.enable(TIMER, reload=False)
    if reload:
        systemd.daemon_reload()
    systemd.restart(TIMER)


def disarm(root: Path) -> None:
    (root / DROP_IN).unlink(missing_ok=True)
    systemd.stop(TIMER)
    systemd.disable(TIMER, reload=False)
    systemd.daemon_reload()
