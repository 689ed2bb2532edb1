"""The timer of the dead man's switch, as systemd is asked to run it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cutover_site.freeze import lease
from cutover_site.system import systemd


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What systemd was asked, in this order. It has read every unit as it is on disk."""
    made: list[str] = []
    for name in ("enable", "disable", "restart", "stop", "reload_unit_files"):
        monkeypatch.setattr(systemd, name, lambda *_, name=name, **__: made.append(name))
    monkeypatch.setattr(systemd, "needs_reload", lambda _: False)
    return made


def test_a_lease_with_an_end_is_read_by_systemd_before_the_timer_starts(tmp_path: Path, asked: list[str]) -> None:
    lease.arm(tmp_path, 1_800_000_000.2)
    assert "OnCalendar=2027-01-15 08:00:01 UTC" in (tmp_path / lease.DROP_IN).read_text()
    assert asked == ["enable", "reload_unit_files", "restart"]


def test_a_lease_without_an_end_costs_no_reload_while_users_wait(tmp_path: Path, asked: list[str]) -> None:
    lease.arm(tmp_path, 0.0)
    assert asked == ["enable", "restart"]


def test_an_end_that_was_left_behind_does_not_stay(tmp_path: Path, asked: list[str]) -> None:
    lease.arm(tmp_path, 1_800_000_000.0)
    asked.clear()
    lease.arm(tmp_path, 0.0)
    assert not (tmp_path / lease.DROP_IN).exists()
    assert asked == ["enable", "reload_unit_files", "restart"]


def test_a_change_that_systemd_has_not_read_is_read(
    tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An earlier attempt was cut off after it had removed the end."""
    monkeypatch.setattr(systemd, "needs_reload", lambda _: True)
    lease.arm(tmp_path, 0.0)
    assert asked == ["enable", "reload_unit_files", "restart"]
