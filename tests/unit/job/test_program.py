"""The evidence names the Gogs that ran: the one that the playbooks installed, from any origin."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from rich.console import Console

from rehearsal import demo, supervise
from rehearsal.gogs import archive
from rehearsal.gogs.build import NAME
from rehearsal.job.evidence import Evidence
from rehearsal.job.progress import Progress
from rehearsal.job.rehearse import PLAN, Job
from rehearsal.job.summary import format_rows
from rehearsal.settings import Settings


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """An archive in the form of a real one: gogs/gogs is an executable of the machine."""
    path, program = tmp_path / "release.tar.gz", b"\x7fELF and so on"
    with tarfile.open(path, "w:gz") as packed:
        member = tarfile.TarInfo("gogs/gogs")
        member.size = len(program)
        packed.addfile(member, io.BytesIO(program))
    return path


def start_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, named: str = "", configured: str = "") -> Evidence:
    """Return the evidence after the start of the world. `named`: GOGS_ARCHIVE; `configured`: the release of migration.toml."""
    settings = Settings.load({"REHEARSAL_HOME": str(tmp_path / "home"), "REHEARSAL_PORT": "4999"})
    monkeypatch.setattr(archive, "read_configured_release", lambda: configured)
    monkeypatch.setattr(supervise, "start_world", lambda *_, prepare_more: prepare_more())
    environ = {"GOGS_ARCHIVE": named} if named else {}
    settings.downloads.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(demo, "prepare_demo", lambda given, report: archive.provide_release(given, environ, report))
    monkeypatch.setattr(demo, "bootstrap_demo", lambda *_: None)
    monkeypatch.setattr(Job, "begin_synthesis", lambda _: None)
    evidence = Evidence()
    Job(settings, Progress([*PLAN], Console(file=io.StringIO())), evidence).start_world()
    return evidence


def test_a_configured_release_is_named_a_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: Path
) -> None:
    digest = hashlib.sha256(release.read_bytes()).hexdigest()

    evidence = start_world(tmp_path, monkeypatch, configured=f"{release.as_uri()}#sha256={digest}")

    assert evidence.program == "release"
    assert dict(format_rows(evidence))["Gogs"] == "the real release"


def test_a_release_given_by_its_path_is_named_a_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: Path
) -> None:
    assert start_world(tmp_path, monkeypatch, named=str(release)).program == "release"


def test_the_stand_in_is_named_a_stand_in_also_when_its_archive_is_given_by_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert start_world(tmp_path, monkeypatch).program == "stand-in"
    built = tmp_path / "home/downloads" / NAME
    named = built.rename(tmp_path / "looks-like-a-release.tar.gz")
    assert start_world(tmp_path, monkeypatch, named=str(named)).program == "stand-in"


def test_an_archive_of_another_form_is_not_named_a_stand_in(tmp_path: Path) -> None:
    settings = Settings.load({"REHEARSAL_HOME": str(tmp_path)})
    settings.downloads.mkdir(parents=True)
    (settings.downloads / NAME).write_bytes(b"no archive")
    assert archive.identify_program(settings) == "release"
