"""The command that boots a machine."""

from __future__ import annotations

from pathlib import Path

from rehearsal.world.nspawn import hide_firmware


def test_the_firmware_of_a_host_that_has_some_is_hidden(tmp_path: Path) -> None:
    assert hide_firmware(tmp_path) == [f"--tmpfs={tmp_path}"]
    assert hide_firmware(tmp_path / "missing") == []
