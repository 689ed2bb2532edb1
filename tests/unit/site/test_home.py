"""The files in the home of the user git are copied to every target, and are in no image."""

from __future__ import annotations

import base64
import json
import os
import socket
import stat
import zlib
from pathlib import Path

import pytest
from cutover_site.errors import NotConfigured, Refused
from cutover_site.files import program
from cutover_site.gogs import home
from cutover_site.layout import Layout

GOGS_CONFIG = "[user]\n\tname = Gogs\n\temail = gogs@fake.local\n[core]\n\tquotepath = false\n"


def write(layout: Layout, name: str, content: bytes | str = "x", mode: int = 0o600) -> Path:
    path = layout.home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return path


@pytest.fixture
def source(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "source")
    layout.home.mkdir(parents=True)
    return layout


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    monkeypatch.setattr("os.geteuid", lambda: 1)
    layout = Layout(tmp_path / "target")
    layout.home.mkdir(parents=True)
    return layout


def test_files_folders_links_and_modes_are_restored(source: Layout, target: Layout) -> None:
    write(source, ".ssh/id_ed25519", b"\x00\xffkey")
    write(source, ".netrc", "machine x login y password z")
    write(source, "bin/notify-deploy", "#!/bin/sh\n", 0o755)
    (source.home / "bin/latest").symlink_to("notify-deploy")
    (source.home / ".ssh").chmod(0o700)

    for _twice in range(2):
        home.restore(target, home.pack(source))

    assert (target.home / ".ssh/id_ed25519").read_bytes() == b"\x00\xffkey"
    assert stat.S_IMODE((target.home / ".ssh/id_ed25519").stat().st_mode) == 0o600
    assert stat.S_IMODE((target.home / ".ssh").stat().st_mode) == 0o700
    assert os.access(target.home / "bin/notify-deploy", os.X_OK)
    assert (target.home / "bin/latest").readlink() == Path("notify-deploy")
    assert home.pack(target) == home.pack(source)


def test_special_bits_are_restored_although_the_owner_changes(
    source: Layout, target: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a program and a folder with special bits, and the same program without them on the target
    write(source, "bin/helper", "#!/bin/sh\n", 0o4755)
    write(target, "bin/helper", "#!/bin/sh\n", 0o644)
    (source.home / "bin").chmod(0o2775)
    # When they are restored by a process that gives files to another user
    changed = []

    def change_owner(path: Path, user: int, group: int, *, follow_symlinks: bool) -> None:
        changed.append((user, group, follow_symlinks))
        path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o777)  # as the kernel does

    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.chown", change_owner)
    home.restore(target, home.pack(source))
    # Then the target has the same modes
    assert changed
    assert stat.S_IMODE((target.home / "bin/helper").stat().st_mode) == 0o4755
    assert stat.S_IMODE((target.home / "bin").stat().st_mode) == 0o2775


def test_restored_files_replace_existing_ones(source: Layout, target: Layout) -> None:
    write(target, ".netrc", "old")
    write(target, "bin")
    (target.home / ".ssh").symlink_to("/etc")
    write(source, ".netrc", "new")
    write(source, ".ssh/known_hosts")
    write(source, "bin/tool")
    home.restore(target, home.pack(source))
    assert (target.home / ".netrc").read_text() == "new"
    assert not (target.home / ".ssh").is_symlink()
    assert (target.home / "bin/tool").is_file()


def test_files_of_gogs_and_unchanged_defaults_are_not_copied(source: Layout) -> None:
    for name in (
        "data/tmp/x",
        "sessions/a/b",
        "log/gogs.log",
        ".cache/x",
        ".bash_history",
        ".ssh/authorized_keys",
        ".ssh/authorized_keys2",
    ):
        write(source, name)
    write(source, ".gitconfig", GOGS_CONFIG)
    write(source, ".bashrc", "the default of the distribution")
    (source.root / "etc/skel").mkdir(parents=True)
    (source.root / "etc/skel/.bashrc").write_text("the default of the distribution")
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(source.home / "agent"))
    assert home.pack(source) == ""
    assert home.describe_home(source) == {"names": [], "problem": ""}


@pytest.mark.parametrize("name", [".profile", ".gitconfig"])
def test_a_changed_default_file_is_copied(source: Layout, name: str) -> None:
    write(source, name, f"{GOGS_CONFIG}[http]\n\tproxy = http://p:3128\n")
    assert home.describe_home(source)["names"] == [name]


def test_lines_of_gogs_in_gitconfig_are_ignored(source: Layout) -> None:
    write(source, ".gitconfig", "[http]\n\tproxy = p\n[core]\n\teditor = vi\n[user]\n\tname = Forge\n")
    before = home.pack(source)
    write(
        source,
        ".gitconfig",
        "[http]\n\tproxy = p\n[core]\n\teditor = vi\n\tquotepath = false\n[user]\n\tname = Forge\n\temail = gogs@fake.local\n",
    )
    assert home.pack(source) == before


def test_lines_of_gogs_in_gitconfig_of_a_target_are_kept(source: Layout, target: Layout) -> None:
    write(source, ".gitconfig", "[http]\n\tproxy = p\n")
    kept = write(target, ".gitconfig", f"[http]\n\tproxy = p\n{GOGS_CONFIG}")
    home.restore(target, home.pack(source))
    assert "quotepath" in kept.read_text()


def test_equal_content_gives_equal_text(source: Layout, target: Layout) -> None:
    for layout in (source, target):
        write(layout, ".ssh/config", "Host x")
        write(layout, ".netrc", "y")
    os.utime(target.home / ".netrc", (1, 1))
    assert home.pack(source) == home.pack(target)


@pytest.mark.parametrize("size", [home.MOST_BYTES + 1, 60_000])
def test_content_that_exceeds_the_secret_is_rejected_by_name(source: Layout, size: int) -> None:
    write(source, "backup/all.tar", os.urandom(size))
    write(source, ".netrc")
    with pytest.raises(Refused, match=rf"backup \({size} bytes\)") as refused:
        home.pack(source)
    assert "/usr/local" in refused.value.next_action
    assert "backup" in home.describe_home(source)["problem"]


@pytest.mark.parametrize("name", ["../etc/cron.d/x", "/etc/passwd", "data/x", ""])
def test_a_path_outside_the_home_is_rejected(target: Layout, name: str) -> None:
    text = base64.b64encode(zlib.compress(json.dumps([{"path": name, "mode": 384, "content": ""}]).encode())).decode()
    with pytest.raises(NotConfigured):
        home.restore(target, text)


def test_a_damaged_secret_is_named(target: Layout) -> None:
    with pytest.raises(NotConfigured, match="git_home"):
        home.restore(target, "not what was packed")


def test_an_empty_secret_restores_nothing(target: Layout) -> None:
    home.restore(target, "")
    assert list(target.home.iterdir()) == []


def test_public_files_stay_in_the_image_and_are_compared_there(source: Layout) -> None:
    write(source, ".ssh/known_hosts", "git.example.test ssh-ed25519 AAAA\n")
    write(source, ".ssh/mirror.pub", "ssh-ed25519 AAAA mirror")
    write(source, ".ssh/mirror", "a private key")
    write(source, ".netrc", "machine x login y password z")
    write(source, "sessions/a/b", "a session")
    packed = home.pack(source)

    home.clear_home(source)

    remaining = {str(path.relative_to(source.home)) for path in source.home.rglob("*")}
    assert remaining == {".ssh", ".ssh/known_hosts", ".ssh/mirror.pub"}
    assert home.list_removable_paths(source) == []
    assert "known_hosts" not in home.format_listing(packed)
    assert {"var/lib/gogs/.ssh/known_hosts", "var/lib/gogs/.ssh/mirror.pub"} <= program.digest_entries(source).keys()
