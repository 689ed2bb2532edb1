"""A maintenance window that is over is found before the deploy."""

from __future__ import annotations

from pathlib import Path

from settings import Settings

from operate.checks.schedule import find_past_window
from tests.unit.operate.checks.run import SETTINGS
from tests.unit.sources.tables import CONFIGURATION


def test_a_maintenance_window_that_is_over_is_named(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    window = '{ from = "2026-12-05T22:00:00+01:00", until = "2026-12-06T02:00:00+01:00" }'
    path.write_text(f"{CONFIGURATION.read_text()}\n[cutover]\nwindow = {window}\n")
    settings = Settings.load(path)
    assert settings.cutover.window is not None
    ends = settings.cutover.window.until.timestamp()

    assert find_past_window(settings, now=ends - 1) == []
    (finding,) = find_past_window(settings, now=ends)
    assert "ended at 2026-12-06T01:00:00" in finding.what
    assert finding.next_action == "write a later window, or remove the key"
    assert find_past_window(SETTINGS, now=ends) == []
