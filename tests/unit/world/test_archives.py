"""The archive of Gogs that the playbooks install, and the archive of the discovery agent."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from rehearsal.discovery import write_discovery_agent
from rehearsal.errors import RehearsalError
from rehearsal.gogs.archive import provide, read_configured_release
from rehearsal.settings import Settings


def test_a_given_archive_is_used_unchanged(tmp_path: Path) -> None:
    (tmp_path / "mine.tar.gz").write_bytes(b"a release")
    messages: list[str] = []
    provide(tmp_path / "target", str(tmp_path / "mine.tar.gz"), messages.append)
    assert (tmp_path / "target").read_bytes() == b"a release"
    assert "mine.tar.gz" in messages[0]


@pytest.mark.parametrize(
    ("archive", "reason"), [("/nowhere.tar.gz", "no file"), ("http://127.0.0.1:9/gogs.tar.gz", "digest")]
)
def test_a_given_archive_that_is_unavailable_is_an_error(tmp_path: Path, archive: str, reason: str) -> None:
    with pytest.raises(RehearsalError, match=reason):
        provide(tmp_path / "target", archive, lambda _: None)
    assert not (tmp_path / "target").exists()


def test_the_stand_in_is_used_and_reported_without_a_release(tmp_path: Path) -> None:
    messages: list[str] = []
    provide(tmp_path / "target", "", messages.append)
    assert "stand-in" in messages[0]
    with tarfile.open(tmp_path / "target") as archive:
        assert archive.getmember("gogs/gogs").mode == 0o755


@pytest.mark.parametrize("intact", [True, False])
def test_the_configured_release_is_used_only_with_the_right_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, intact: bool
) -> None:
    release, settings = tmp_path / "release.tar.gz", tmp_path / "migration.toml"
    release.write_bytes(b"a release" if intact else b"damaged")
    digest = hashlib.sha256(b"a release").hexdigest()
    settings.write_text(f'[gogs]\narchive_url = "{release.as_uri()}"\narchive_sha256 = "{digest}"\n')
    address = read_configured_release(settings)
    monkeypatch.setattr("rehearsal.gogs.archive.read_configured_release", lambda: address)
    messages: list[str] = []

    provide(tmp_path / "target", "", messages.append)

    assert ((tmp_path / "target").read_bytes() == b"a release") is intact
    assert ("stand-in" in messages[-1] and "another SHA-256" in messages[-1]) is not intact


def test_a_digest_of_zeros_configures_no_release(tmp_path: Path) -> None:
    settings = tmp_path / "migration.toml"
    settings.write_text(f'[gogs]\narchive_url = "https://example.com/a"\narchive_sha256 = "{"0" * 64}"\n')
    assert read_configured_release(settings) == ""


def test_the_archive_of_the_discovery_agent_has_the_installer_at_its_top_level(tmp_path: Path) -> None:
    settings = Settings.load({"REHEARSAL_PORT": "48000"})
    write_discovery_agent(settings, tmp_path / "agent.tar.gz")
    with tarfile.open(tmp_path / "agent.tar.gz") as archive:
        assert archive.getmember("install").mode == 0o755
        registry = archive.extractfile("registry")
        assert registry is not None
        assert registry.read() == b"http://127.0.0.1:48002/discovery/agents\n"
