"""The units of the machine, as an adoption reads and changes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cutover_site.system import systemd
from cutover_site.system.commands import run


@dataclass(frozen=True)
class UnitState:
    """Whether a unit runs, and whether it is enabled at boot."""

    is_active: bool
    is_enabled: bool


class Units(Protocol):
    """systemd, or what a test has in its place."""

    def read(self, unit: str) -> UnitState:
        """Return the state of a unit; a unit that does not exist neither runs nor is enabled."""

    def set_active(self, unit: str, *, is_active: bool) -> None:
        """Start or stop a unit. Raises CommandFailed."""

    def set_enabled(self, unit: str, *, is_enabled: bool) -> None:
        """Enable or disable a unit at boot. Raises CommandFailed."""

    def reload_files(self) -> None:
        """Read all unit files again."""


class Systemd:
    """The systemd of this machine."""

    def read(self, unit: str) -> UnitState:
        """Return the state of a unit. A unit that is enabled for this boot only is not enabled."""
        enabled = run("systemctl", "is-enabled", unit, accept=range(256)).stdout.decode().strip()
        return UnitState(systemd.is_active(unit), enabled in ("enabled", "alias"))

    def set_active(self, unit: str, *, is_active: bool) -> None:
        """Start or stop a unit. A unit that its ExecCondition skips did not start, which systemctl does not report."""
        (systemd.start if is_active else systemd.stop)(unit)

    def set_enabled(self, unit: str, *, is_enabled: bool) -> None:
        """Enable or disable a unit at boot."""
        (systemd.enable if is_enabled else systemd.disable)(unit)

    def reload_files(self) -> None:
        """Read all unit files again."""
        systemd.reload_unit_files()
