"""The timer of the dead man's switch: the commands to systemd."""

from __future__ import annotations

from pathlib import Path

import pytest
from cutover_site.freeze import lease
from cutover_site.system import systemd


@pytest.fixture
def systemd_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the calls of systemd in order. It has loaded the current version of every unit."""
    made: list[str] = []
    for name in ("enable", "disable", "restart", "stop", "reload_unit_files"):
        monkeypatch.setattr(systemd, name, lambda *_, name=name, **__: made.append(name))
    monkeypatch.setattr(systemd, "is_reload_needed", lambda _: False)
    return made


def test_systemd_loads_a_lease_with_an_end_before_the_timer_starts(tmp_path: Path, systemd_calls: list[str]) -> None:
    lease.arm(tmp_path, 1_800_000_000.2)
    assert "OnCalendar=2027-01-15 08:00:01 UTC" in (tmp_path / lease.DROP_IN).read_text()
    assert systemd_calls == ["enable", "reload_unit_files", "restart"]


def test_a_lease_without_an_end_causes_no_reload(tmp_path: Path, systemd_calls: list[str]) -> None:
    lease.arm(tmp_path, 0.0)
    assert systemd_calls == ["enable", "restart"]


def test_the_end_of_an_earlier_lease_is_removed(tmp_path: Path, systemd_calls: list[str]) -> None:
    lease.arm(tmp_path, 1_800_000_000.0)
    systemd_calls.clear()
    lease.arm(tmp_path, 0.0)
    assert not (tmp_path / lease.DROP_IN).exists()
    assert systemd_calls == ["enable", "reload_unit_files", "restart"]


def test_a_change_that_systemd_has_not_loaded_causes_a_reload(
    tmp_path: Path, systemd_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An earlier attempt was interrupted after it had removed the end."""
    monkeypatch.setattr(systemd, "is_reload_needed", lambda _: True)
    lease.arm(tmp_path, 0.0)
    assert systemd_calls == ["enable", "reload_unit_files", "restart"]
