"""The report of rsync, the digests of trees, and the read-only key."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.errors import Refused
from cutover_site.files import digest
from cutover_site.files.delta_access import remove_our_lines, render_key_line
from cutover_site.files.rsync_report import RsyncReport, parse_report

OUTPUT = """\
.d..t...... data/
>f+++++++++ data/attachments/1/2/uuid
*deleting   repositories/alice/app.git/objects/ab/cd
hf+++++++++ repositories/alice/fork.git/objects/pack/x.pack => repositories/alice/app.git/objects/pack/x.pack
.f....og... repositories/alice/app.git/HEAD

Number of files: 1,234 (reg: 1,000, dir: 234)
Number of regular files transferred: 1
Total transferred file size: 56,789 bytes
"""


def test_the_output_of_rsync_is_parsed() -> None:
    report = parse_report(OUTPUT)
    assert (report.files, report.transferred, report.bytes) == (1234, 1, 56789)
    assert len(report.changed) == 3
    assert report.deleted == ["repositories/alice/app.git/objects/ab/cd"]


def test_created_folders_are_listed_with_their_unescaped_names() -> None:
    report = parse_report(
        "cd+++++++++ data/we\\#012ird\\#303\\#274/\ncd+++++++++ ./\n.d..t...... data/old/\n>f+++++++++ data/new\n"
    )
    assert report.created == ["data/we\nird\u00fc", "."]


def test_the_time_of_a_folder_is_no_change() -> None:
    assert parse_report(".d..t...... data/\n") == RsyncReport()


def create_site(root: Path) -> Path:
    for name in ("alice/app.git", "alice/app.wiki.git"):
        folder = root / "repositories" / name
        subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True)
        (folder / "archives").mkdir()
    (root / "data/attachments/1").mkdir(parents=True)
    (root / "data/attachments/1/file").write_bytes(b"content")
    return root


def test_equal_trees_have_equal_digests(tmp_path: Path) -> None:
    one, two = create_site(tmp_path / "one"), create_site(tmp_path / "two")
    (two / "repositories/alice/app.git/archives/cache.zip").write_bytes(b"a cached archive is ignored")
    assert digest.digest_files(PROFILE.files, one) == digest.digest_files(PROFILE.files, two)
    assert digest.digest_refs(PROFILE.files, one) == digest.digest_refs(PROFILE.files, two)
    branch = two / "repositories/alice/app.git/refs/heads/x.git/archives"
    branch.parent.mkdir()
    branch.write_bytes(b"a branch of that name is not")
    assert digest.digest_files(PROFILE.files, one) != digest.digest_files(PROFILE.files, two)
    assert digest.digest_refs(PROFILE.files, one) != digest.digest_refs(PROFILE.files, two)
    assert set(digest.digest_files(PROFILE.files, one)) == {
        "repositories/alice/app.git",
        "repositories/alice/app.wiki.git",
        "data/attachments",
        "other",
    }


def content(root: Path) -> None:
    (root / "data/attachments/1/file").write_bytes(b"Content")


def mode(root: Path) -> None:
    (root / "data/attachments/1/file").chmod(0o600)


def link(root: Path) -> None:
    (root / "data/attachments/1/link").symlink_to("file")


def extra(root: Path) -> None:
    (root / "data/attachments/1/other").touch()


@pytest.mark.parametrize("change", [content, mode, link, extra])
def test_every_kind_of_difference_changes_the_digest(tmp_path: Path, change: Callable[[Path], None]) -> None:
    one, two = create_site(tmp_path / "one"), create_site(tmp_path / "two")
    change(two)
    a, b = digest.digest_files(PROFILE.files, one), digest.digest_files(PROFILE.files, two)
    assert a.pop("data/attachments") != b.pop("data/attachments")
    assert a == b


def test_a_changed_ref_changes_the_digest_of_its_repository(tmp_path: Path) -> None:
    one, two = create_site(tmp_path / "one"), create_site(tmp_path / "two")
    repository = two / "repositories/alice/app.git"
    blob = subprocess.run(
        ["git", "-C", str(repository), "hash-object", "-w", "--stdin"], input=b"x", capture_output=True, check=True
    )
    subprocess.run(["git", "-C", str(repository), "update-ref", "refs/x/y", blob.stdout.decode().strip()], check=True)
    before, after = digest.digest_refs(PROFILE.files, one), digest.digest_refs(PROFILE.files, two)
    assert [name for name in before if before[name] != after[name]] == ["repositories/alice/app.git"]


def test_the_repositories_of_a_large_site_share_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "MAX_LINES", 1)
    found = digest.digest_refs(PROFILE.files, create_site(tmp_path))
    assert all("bucket-" in name for name in found)


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG6kZB4/gvEMqC+T10q8TrmPQrYfSMGSfg3OBdDGq9Pf cutover-delta"


def test_the_key_can_only_read_one_folder() -> None:
    text = render_key_line(KEY, "10.0.1.5", "/srv/gogs")
    assert text.startswith('from="10.0.1.5",restrict,command="/opt/cutover/bin/cutover-delta /srv/gogs" ssh-ed25519 ')
    assert remove_our_lines(f"ssh-rsa AAA someone\n{text}\n") == ["ssh-rsa AAA someone"]


@pytest.mark.parametrize("key", ["", KEY + "\nssh-rsa x", 'command="x" ' + KEY, "ssh-rsa AAAA x"])
def test_an_invalid_key_is_rejected(key: str) -> None:
    with pytest.raises(Refused):
        render_key_line(key, "", "/srv/gogs")


@pytest.mark.rehearsal  # only root can change the owner of a file
def test_the_owner_of_a_file_is_part_of_the_digest(tmp_path: Path) -> None:
    one, two = create_site(tmp_path / "one"), create_site(tmp_path / "two")
    os.chown(two / "data/attachments/1/file", 1234, 1234)
    assert digest.digest_files(PROFILE.files, one) != digest.digest_files(PROFILE.files, two)
