"""Control the systemd units of this machine."""

from __future__ import annotations

from cutover_site.errors import CommandFailed
from cutover_site.system.commands import read_output, run


def start(unit: str, *, timeout: float = 60) -> None:
    """Start a unit. `timeout` in seconds."""
    run("systemctl", "start", unit, timeout=timeout)


def request_start(unit: str) -> None:
    """Start a unit without waiting until it has started. A unit of the type oneshot has when its work is done."""
    run("systemctl", "start", "--no-block", unit)


def stop(unit: str, *, timeout: float = 60) -> None:
    """Stop a unit. A unit that is not loaded is no error (exit code 5)."""
    run("systemctl", "stop", unit, timeout=timeout, accept=(0, 5))


def restart(unit: str, *, timeout: float = 60) -> None:
    """Restart a unit, or start it when it does not run."""
    run("systemctl", "restart", unit, timeout=timeout)


def reload(unit: str) -> None:
    """Let a unit reload its configuration."""
    run("systemctl", "reload", unit)


def enable(unit: str, *, reload: bool = True) -> None:
    """Enable a unit at boot. Without `reload` the running systemd ignores it until the next reload_unit_files()."""
    run("systemctl", *_reload_option(reload), "enable", unit)


def disable(unit: str, *, reload: bool = True) -> None:
    """Disable a unit at boot. Without `reload` a reload_unit_files() must follow."""
    run("systemctl", *_reload_option(reload), "disable", unit, accept=(0, 1, 5))


def _reload_option(reload: bool) -> tuple[str, ...]:
    return () if reload else ("--no-reload",)


def reload_unit_files() -> None:
    """Let systemd read all unit files again."""
    run("systemctl", "daemon-reload")


def is_reload_needed(unit: str) -> bool:
    """Return whether the unit's files have changed since systemd read them."""
    return read_output("systemctl", "show", "--property=NeedDaemonReload", "--value", unit) != "no"


def mask(unit: str) -> None:
    """Keep a unit from starting, whoever starts it."""
    run("systemctl", "mask", unit)


def is_loaded(unit: str) -> bool:
    """Return whether the machine has the unit."""
    return read_output("systemctl", "show", "--property=LoadState", "--value", unit) == "loaded"


def is_active(unit: str) -> bool:
    """Return whether a unit runs."""
    return run("systemctl", "is-active", "--quiet", unit, accept=range(256)).returncode == 0


def read_state(unit: str) -> str:
    """Return the state of a unit: `active`, `inactive`, `failed` … or `unknown`."""
    try:
        return read_output("systemctl", "show", "--property=ActiveState", "--value", unit) or "unknown"
    except CommandFailed:
        return "unknown"
