"""The units of this machine."""

from __future__ import annotations

from cutover_site.errors import CommandFailed
from cutover_site.system.commands import run, text


def start(unit: str, *, timeout: float = 60) -> None:
    run("systemctl", "start", unit, timeout=timeout)


def stop(unit: str, *, timeout: float = 60) -> None:
    """Stopping what is not loaded is not an error (exit 5)."""
    run("systemctl", "stop", unit, timeout=timeout, accept=(0, 5))


def restart(unit: str, *, timeout: float = 60) -> None:
    run("systemctl", "restart", unit, timeout=timeout)


def reload(unit: str) -> None:
    run("systemctl", "reload", unit)


def enable(unit: str, *, reload: bool = True) -> None:
    """Without `reload` systemd starts the unit at a boot, and knows nothing of that before."""
    run("systemctl", *_reloading(reload), "enable", unit)


def disable(unit: str, *, reload: bool = True) -> None:
    """Without `reload` a daemon_reload() must follow."""
    run("systemctl", *_reloading(reload), "disable", unit, accept=(0, 1, 5))


def _reloading(reload: bool) -> tuple[str, ...]:
    return () if reload else ("--no-reload",)


def daemon_reload() -> None:
    run("systemctl", "daemon-reload")


def needs_reload(unit: str) -> bool:
    """Return whether the unit's files have changed since systemd read them."""
    return text("systemctl", "show", "--property=NeedDaemonReload", "--value", unit) != "no"


def active(unit: str) -> bool:
    return run("systemctl", "is-active", "--quiet", unit, accept=range(256)).returncode == 0


def state(unit: str) -> str:
    """`active`, `inactive`, `failed` … or `unknown`."""
    try:
        return text("systemctl", "show", "--property=ActiveState", "--value", unit) or "unknown"
    except CommandFailed:
        return "unknown"
