"""The timers of an adopted Gogs are off during a freeze, and its app.ini is then what it was."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site import service
from cutover_site.configured_for import ConfiguredFor, write_configured_for
from cutover_site.errors import NotConfigured
from cutover_site.gogs import background, timers
from cutover_site.gogs.ini import parse
from cutover_site.gogs.layout import GogsLayout

from tests.unit.site.own_places import FACTS
from tests.unit.site.test_own_places import write_site_file

TEXT = "; ours\nA = 1\r\n[cron.update_mirrors]\nENABLED = true\nSCHEDULE = @every 10m\n[cron.other]\nSCHEDULE = @every 1h\n"


@pytest.fixture
def forge(tmp_path: Path) -> GogsLayout:
    layout = write_site_file(tmp_path, FACTS)
    layout.app_ini.parent.mkdir(parents=True)
    layout.app_ini.write_bytes(TEXT.encode())
    layout.app_ini.chmod(0o640)
    os.utime(layout.app_ini, ns=(1_500_000_000_123_456_789, 1_500_000_000_123_456_789))
    return layout


def test_off_and_on_leave_the_file_as_it_was(forge: GogsLayout) -> None:
    before = forge.app_ini.stat()
    for _twice in range(2):  # a command may be sent twice
        timers.switch_background(forge, on=False)
    sections = parse(forge.app_ini.read_text()).sections
    assert (sections["cron"]["ENABLED"], sections["cron.update_mirrors"]["ENABLED"]) == ("false", "false")
    assert sections["cron.other"] == {"SCHEDULE": "@every 1h"}  # it inherits the value of [cron]

    for _twice in range(2):
        timers.switch_background(forge, on=True)
    after = forge.app_ini.stat()
    assert forge.app_ini.read_bytes() == TEXT.encode()
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    assert list(forge.state.iterdir()) == []


def test_a_link_to_app_ini_stays_a_link(forge: GogsLayout) -> None:
    real = forge.root / "etc/gogs.ini"
    forge.app_ini.rename(real)
    forge.app_ini.symlink_to(real)
    timers.switch_background(forge, on=False)
    assert forge.app_ini.is_symlink()
    assert parse(real.read_text()).get("cron", "ENABLED") == "false"


def test_timers_that_cannot_be_switched_off_leave_no_copy_for_a_later_freeze(forge: GogsLayout) -> None:
    # Given a file that the tool cannot read, and that its administrator corrects after the failed freeze
    forge.app_ini.write_bytes("; für Müller\n".encode("latin-1"))
    with pytest.raises(NotConfigured, match="not UTF-8"):
        timers.switch_background(forge, on=False)
    forge.app_ini.write_bytes(TEXT.encode())

    for on in (False, True):
        timers.switch_background(forge, on=on)

    assert forge.app_ini.read_bytes() == TEXT.encode()


def test_a_freeze_that_was_killed_while_it_switched_the_timers_off_is_undone_by_the_thaw(
    forge: GogsLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    restarts: list[str] = []
    monkeypatch.setattr(service, "stop", lambda _application: restarts.append("stop"))
    monkeypatch.setattr(service, "start", lambda _application: restarts.append("start"))
    write_configured_for(forge, ConfiguredFor("mi-1", "source", background=True))
    # Given a process that ended before it had restarted Gogs
    timers.switch_background(forge, on=False)

    machine: Any = SimpleNamespace(layout=forge)
    assert background.resume(machine)
    assert not background.resume(machine)

    assert forge.app_ini.read_bytes() == TEXT.encode()
    assert restarts == ["stop", "start"]
