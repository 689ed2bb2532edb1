"""What the user git keeps in its home is on every target, and in no image."""

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


def test_a_target_has_files_folders_links_and_modes(source: Layout, target: Layout) -> None:
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


def test_what_was_changed_since_replaces_what_is_there(source: Layout, target: Layout) -> None:
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


def test_what_is_gogss_or_nobodys_is_not_carried(source: Layout) -> None:
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
    write(source, ".bashrc", "as the distribution made it")
    (source.root / "etc/skel").mkdir(parents=True)
    (source.root / "etc/skel/.bashrc").write_text("as the distribution made it")
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(source.home / "agent"))
    assert home.pack(source) == ""
    assert home.describe(source) == {"names": [], "problem": ""}


@pytest.mark.parametrize("name", [".profile", ".gitconfig"])
def test_what_the_site_changed_is_carried(source: Layout, name: str) -> None:
    write(source, name, f"{GOGS_CONFIG}[http]\n\tproxy = http://p:3128\n")
    assert home.describe(source)["names"] == [name]


def test_gitconfig_is_the_same_before_and_after_gogs_has_added_its_own(source: Layout) -> None:
    write(source, ".gitconfig", "[http]\n\tproxy = p\n[core]\n\teditor = vi\n[user]\n\tname = Forge\n")
    before = home.pack(source)
    write(
        source,
        ".gitconfig",
        "[http]\n\tproxy = p\n[core]\n\teditor = vi\n\tquotepath = false\n[user]\n\tname = Forge\n\temail = gogs@fake.local\n",
    )
    assert home.pack(source) == before


def test_gogss_lines_of_a_targets_gitconfig_stay(source: Layout, target: Layout) -> None:
    write(source, ".gitconfig", "[http]\n\tproxy = p\n")
    kept = write(target, ".gitconfig", f"[http]\n\tproxy = p\n{GOGS_CONFIG}")
    home.restore(target, home.pack(source))
    assert "quotepath" in kept.read_text()


def test_the_same_content_gives_the_same_text(source: Layout, target: Layout) -> None:
    for layout in (source, target):
        write(layout, ".ssh/config", "Host x")
        write(layout, ".netrc", "y")
    os.utime(target.home / ".netrc", (1, 1))
    assert home.pack(source) == home.pack(target)


@pytest.mark.parametrize("size", [home.MOST_BYTES + 1, 60_000])
def test_more_than_a_secret_holds_is_refused_by_name(source: Layout, size: int) -> None:
    write(source, "backup/all.tar", os.urandom(size))
    write(source, ".netrc")
    with pytest.raises(Refused, match=rf"backup \({size} bytes\)") as refused:
        home.pack(source)
    assert "/usr/local" in refused.value.next_action
    assert "backup" in home.describe(source)["problem"]


@pytest.mark.parametrize("name", ["../etc/cron.d/x", "/etc/passwd", "data/x", ""])
def test_a_secret_cannot_write_outside_the_home(target: Layout, name: str) -> None:
    text = base64.b64encode(zlib.compress(json.dumps([{"path": name, "mode": 384, "content": ""}]).encode())).decode()
    with pytest.raises(NotConfigured):
        home.restore(target, text)


def test_a_damaged_secret_is_named(target: Layout) -> None:
    with pytest.raises(NotConfigured, match="git_home"):
        home.restore(target, "not what was packed")


def test_no_secret_means_nothing_to_do(target: Layout) -> None:
    home.restore(target, "")
    assert list(target.home.iterdir()) == []


def test_what_is_public_stays_in_the_image_and_is_compared_there(source: Layout) -> None:
    write(source, ".ssh/known_hosts", "git.example.test ssh-ed25519 AAAA\n")
    write(source, ".ssh/mirror.pub", "ssh-ed25519 AAAA mirror")
    write(source, ".ssh/mirror", "a private key")
    write(source, ".netrc", "machine x login y password z")
    write(source, "sessions/a/b", "a session")
    carried = home.pack(source)

    home.remove_private_paths(source)

    left = {str(path.relative_to(source.home)) for path in source.home.rglob("*")}
    assert left == {".ssh", ".ssh/known_hosts", ".ssh/mirror.pub"}
    assert home.list_removable_paths(source) == []
    assert "known_hosts" not in home.serialize_entries(carried)
    assert {"var/lib/gogs/.ssh/known_hosts", "var/lib/gogs/.ssh/mirror.pub"} <= program.digest_entries(source).keys()
