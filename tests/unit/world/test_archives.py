"""Which Gogs the playbooks get, and the discovery agent's archive."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from rehearsal.discovery import discovery_agent
from rehearsal.errors import RehearsalError
from rehearsal.gogs.archive import configured, provide
from rehearsal.settings import Settings


def test_the_archive_that_is_named_is_used_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.tar.gz").write_bytes(b"a release")
    said: list[str] = []
    provide(tmp_path / "target", str(tmp_path / "mine.tar.gz"), said.append)
    assert (tmp_path / "target").read_bytes() == b"a release"
    assert "mine.tar.gz" in said[0]


@pytest.mark.parametrize(
    ("wanted", "reason"), [("/nowhere.tar.gz", "no file"), ("http://127.0.0.1:9/gogs.tar.gz", "digest")]
)
def test_what_was_asked_for_is_never_replaced_in_silence(tmp_path: Path, wanted: str, reason: str) -> None:
    with pytest.raises(RehearsalError, match=reason):
        provide(tmp_path / "target", wanted, lambda _: None)
    assert not (tmp_path / "target").exists()


def test_without_a_release_it_is_the_stand_in_and_said(tmp_path: Path) -> None:
    said: list[str] = []
    provide(tmp_path / "target", "", said.append)
    assert "stand-in" in said[0]
    with tarfile.open(tmp_path / "target") as archive:
        assert archive.getmember("gogs/gogs").mode == 0o755


@pytest.mark.parametrize("whole", [True, False])
def test_the_release_of_the_settings_is_used_when_it_can_be_had_and_is_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    release, settings = tmp_path / "release.tar.gz", tmp_path / "migration.toml"
    release.write_bytes(b"a release" if whole else b"damaged")
    digest = hashlib.sha256(b"a release").hexdigest()
    settings.write_text(f'[gogs]\narchive_url = "{release.as_uri()}"\narchive_sha256 = "{digest}"\n')
    address = configured(settings)
    monkeypatch.setattr("rehearsal.gogs.archive.configured", lambda: address)
    said: list[str] = []

    provide(tmp_path / "target", "", said.append)

    assert ((tmp_path / "target").read_bytes() == b"a release") is whole
    assert ("stand-in" in said[-1] and "another SHA-256" in said[-1]) is not whole


def test_zeros_name_no_release(tmp_path: Path) -> None:
    settings = tmp_path / "migration.toml"
    settings.write_text(f'[gogs]\narchive_url = "https://example.com/a"\narchive_sha256 = "{"0" * 64}"\n')
    assert configured(settings) == ""


def test_the_discovery_agents_archive_has_the_installer_at_its_top(tmp_path: Path) -> None:
    settings = Settings.load({"REHEARSAL_PORT": "48000"})
    discovery_agent(settings, tmp_path / "agent.tar.gz")
    with tarfile.open(tmp_path / "agent.tar.gz") as archive:
        assert archive.getmember("install").mode == 0o755
        registry = archive.extractfile("registry")
        assert registry is not None
        assert registry.read() == b"http://127.0.0.1:48002/discovery/agents\n"
