"""An adoption or a release that fails or is interrupted is undone, or goes on in the next call."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cutover_site.adopt import executor as executor_module
from cutover_site.adopt.journal import ADOPTED, Journal, restore_file
from cutover_site.errors import CommandFailed, NotConfigured, SiteError
from cutover_site.system.termination import Terminated

from tests.unit.site.existing.server import Server
from tests.unit.site_contract.adopt.machine import IDENTITY, FakeUnits, adopt, create_adoption, read_everything, release


@dataclass
class SignallingUnits(FakeUnits):
    """Sends a signal to this process whenever Gogs is stopped or started."""

    number: signal.Signals = signal.SIGHUP

    def set_active(self, unit: str, *, is_active: bool) -> None:
        super().set_active(unit, is_active=is_active)
        if unit == "gogs.service":
            os.kill(os.getpid(), self.number)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("failing", ["srv-gogs-repositories.mount", "haproxy.service", ""])
def test_everything_is_undone_when_a_step_fails(forge: Server, units: FakeUnits, failing: str) -> None:
    before, running = read_everything(forge.root), units.read("gogs.service")
    units.failing = failing
    with pytest.raises(CommandFailed, match="does not"):
        adopt(forge, units, is_healthy=bool(failing))
    assert read_everything(forge.root) == before
    assert units.read("gogs.service") == running
    assert not units.read("haproxy.service").is_active


def test_an_interruption_at_any_step_is_undone_by_the_next_call(
    forge: Server, units: FakeUnits, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_everything(forge.root)
    changes, proposal = create_adoption(forge, units).plan(IDENTITY, has_application=True)
    assert proposal is not None
    for step in range(1, len(changes) + 1):
        # Given an adoption whose process was killed after this step
        adoption = create_adoption(forge, units)
        adoption.journal.begin(IDENTITY.site, {})
        adoption.executor.apply(changes[:step])

        # When the release of the machine is interrupted too
        with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
            patch.setattr(executor_module, "restore_file", interrupt)
            create_adoption(forge, units).release()
        create_adoption(forge, units).release()

        # Then nothing of the adoption is left
        assert read_everything(forge.root) == before, step
        assert units.read("gogs.service").is_active


def test_a_release_that_was_interrupted_goes_on_in_the_next_adoption(forge: Server, units: FakeUnits) -> None:
    adopt(forge, units).journal.set_state("releasing")
    adopt(forge, units)
    assert Journal.load(forge.root / "var/lib/cutover/adopted").state == ADOPTED


def test_a_removal_of_the_copies_that_was_interrupted_undoes_nothing_again(forge: Server, units: FakeUnits) -> None:
    before = read_everything(forge.root)
    journal = adopt(forge, units).journal
    create_adoption(forge, units).executor.undo()
    journal.set_state("released")
    for path in journal.folder.glob("*-before"):
        path.unlink()
    assert create_adoption(forge, units).release() == {"changed": False, "kept": []}
    assert read_everything(forge.root) == before


def test_a_damaged_journal_is_named(forge: Server, units: FakeUnits) -> None:
    adopt(forge, units)
    (forge.root / "var/lib/cutover/adopted/state.json").write_text("{")
    with pytest.raises(NotConfigured, match=r"state\.json is damaged"):
        create_adoption(forge, units)


def test_a_unit_that_cannot_be_stopped_keeps_nothing_else_from_being_undone(forge: Server, units: FakeUnits) -> None:
    before = forge.app_ini.read_bytes()
    adopt(forge, units)
    units.failing = "gogs.service"
    with pytest.raises(SiteError, match=r"not everything could be undone: gogs\.service does not start"):
        release(forge, units)
    assert forge.app_ini.read_bytes() == before
    units.failing = ""
    release(forge, units)
    assert units.read("gogs.service").is_active
    assert not (forge.root / "var/lib/cutover/adopted").exists()


def test_a_file_that_cannot_be_restored_keeps_nothing_else_from_being_undone(
    forge: Server, units: FakeUnits, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_everything(forge.root)

    def refuse_settings(path: Path, facts: dict[str, Any], content: bytes | None) -> None:
        if path == forge.app_ini:
            raise PermissionError(1, "Operation not permitted", str(path))
        restore_file(path, facts, content)

    # Given an adoption whose settings file became immutable
    adopt(forge, units)
    with monkeypatch.context() as patch:
        patch.setattr(executor_module, "restore_file", refuse_settings)
        with pytest.raises(SiteError, match=r"not everything could be undone: .*not permitted: .*app\.ini"):
            release(forge, units)

    # Then Gogs runs again, and the next release restores the file
    assert units.read("gogs.service").is_active
    assert not units.read("haproxy.service").is_active
    release(forge, units)
    assert read_everything(forge.root) == before


def test_a_file_that_was_not_changed_is_not_touched_by_the_undo(tmp_path: Path) -> None:
    # Given a file that is as it was: the kernel refuses each change of it while it is immutable
    path, journal = tmp_path / "app.ini", Journal(tmp_path / "adopted")
    path.write_text("[server]\n")
    journal.begin("forge", {})
    facts, changed_ns = journal.keep(path), path.stat().st_ctime_ns

    restore_file(path, facts, path.read_bytes())

    assert path.stat().st_ctime_ns == changed_ns


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_an_adoption_that_a_signal_ends_is_undone_at_once(
    forge: Server, units: FakeUnits, number: signal.Signals
) -> None:
    before = read_everything(forge.root)
    signalling = SignallingUnits(units.states, number=number)
    handlers = signal.getsignal(number)

    # When the terminal closes while Gogs is stopped, and once more during the undo
    with pytest.raises(Terminated, match=f"{number.name} ended the command"):
        adopt(forge, signalling)

    # Then Gogs runs as before
    assert read_everything(forge.root) == before
    assert signalling.read("gogs.service").is_active
    assert not signalling.read("haproxy.service").is_active
    assert signal.getsignal(number) == handlers


def test_a_signal_ends_no_release_half_way(forge: Server, units: FakeUnits) -> None:
    before = read_everything(forge.root)
    adopt(forge, units)
    release(forge, SignallingUnits(units.states))
    assert read_everything(forge.root) == before
