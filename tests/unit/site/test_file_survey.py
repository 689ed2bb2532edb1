"""The files that a migration cannot copy, as `check` finds them."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.errors import NotChecked
from cutover_site.files import digest, mounts
from cutover_site.files.changes import ChangedPaths
from cutover_site.files.survey import NOT_BARE, READ_ONLY_OBJECTS, Reader, Survey, survey
from cutover_site.result_size import MAX_CHARACTERS, serialize

GIT = Reader(2990, frozenset({2990}), "git")
BIG = "repositories/alice/big.git"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "srv"
    (place / "lost+found").mkdir(mode=0o700, parents=True)  # of a file system that is mounted there
    for name in ("repositories/alice/small.git/HEAD", "data/attachments/1/a", "data/lfs-incoming/part"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("x")
    (tmp_path / "mnt/big.git").mkdir(parents=True)
    (tmp_path / "mnt/big.git/HEAD").write_text("ref: refs/heads/main\n")
    return place


def run_survey(root: Path) -> Survey:
    return survey(PROFILE.files, root, GIT)


def linked_repository(root: Path) -> str:
    (root / BIG).symlink_to("../../../mnt/big.git")
    return "link that leads out"


def linked_by_absolute_path(root: Path) -> str:
    (root / BIG).symlink_to(root.parent / "mnt/big.git")
    return "link that leads out"


def dangling_link_to_outside(root: Path) -> str:
    (root / BIG).symlink_to("/nowhere/big.git")
    return "link that leads out"


def linked_owner(root: Path) -> str:
    (root / "repositories/bob").symlink_to("../../mnt")
    return "link that leads out"


def linked_group(root: Path) -> str:
    (root / "data/lfs-objects").symlink_to("/var/lfs")
    return "link that leads out"


def linked_file_in_a_repository(root: Path) -> str:
    (root / "repositories/alice/small.git/config").symlink_to("/etc/gitconfig")
    return "link that leads out"


def linked_over_a_link(root: Path) -> str:
    (root / "data/out").symlink_to("/var")
    (root / "repositories/alice/inside").symlink_to("../../data/out")
    return "link that leads out"


def unix_socket(root: Path) -> str:
    here = Path.cwd()
    os.chdir(root / "data")  # the length of a socket's path is limited
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("s")
    finally:
        os.chdir(here)
    return "socket"


def fifo(root: Path) -> str:
    os.mkfifo(root / "data/queue")
    return "fifo"


def unreadable(root: Path) -> str:
    (root / "data/attachments/1/secret").touch(mode=0o600)
    return "unreadable by git"


def unreadable_folder(root: Path) -> str:
    (root / "data/attachments/2").mkdir(mode=0o744)
    return "unreadable by git"


def borrowed_objects(root: Path) -> str:
    info = root / "repositories/alice/small.git/objects/info"
    info.mkdir(parents=True)
    (info / "alternates").write_text(f"{root.parent}/mnt/big.git/objects\n")
    return "borrowed objects"


def borrowed_from_missing_repository(root: Path) -> str:
    info = root / "repositories/alice/small.git/objects/info"
    info.mkdir(parents=True)
    (info / "alternates").write_text("../../../gone.git/objects\n")
    return "borrowed objects"


def too_deep(root: Path) -> str:
    folder = os.open(root / "data", os.O_RDONLY)
    for _ in range(1001):
        os.mkdir("d", dir_fd=folder)
        below = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)
    return "too deep"


LOST = [
    linked_repository, linked_by_absolute_path, dangling_link_to_outside, linked_owner, linked_group,
    linked_file_in_a_repository, linked_over_a_link, unix_socket, fifo, unreadable, unreadable_folder, borrowed_objects,
    borrowed_from_missing_repository, too_deep,
]  # fmt: skip


@pytest.mark.parametrize("make", LOST)
def test_a_file_that_cannot_be_copied_is_found(root: Path, make: Callable[[Path], str]) -> None:
    assert run_survey(root).lost == {}
    kind = make(root)
    found = run_survey(root)
    assert set(found.lost) == {kind}
    assert found.lost[kind].total >= 1
    assert found.lost[kind].names
    subprocess.run(["rm", "-rf", str(root)], check=True)


def test_links_and_borrowed_objects_within_the_site_are_accepted(root: Path) -> None:
    (root / BIG).symlink_to("small.git")
    (root / "repositories/alice/absolute.git").symlink_to(root / "repositories/alice/small.git")
    fork = root / "repositories/bob/fork.git/objects/info"
    fork.mkdir(parents=True)
    (root / "repositories/alice/small.git/objects").mkdir()
    (fork / "alternates").write_text(
        f"# a comment\n../../../alice/small.git/objects\n{root}/repositories/alice/small.git/objects\n"
    )
    assert run_survey(root).lost == {}


def test_unusual_files_that_can_be_copied_are_reported(root: Path, tmp_path: Path) -> None:
    (root / "repositories/alice/small.git/dangling").symlink_to("refs/heads/main")
    os.link(root / "data/attachments/1/a", tmp_path / "backup")
    os.link(root / "repositories/alice/small.git/HEAD", root / "data/attachments/1/twice")
    Path(os.fsdecode(os.fsencode(root) + b"/data/caf\xe9")).touch()
    found = run_survey(root)
    assert found.lost == {}
    assert {kind: one.total for kind, one in found.oddities.items()} == {
        "link to nothing": 1,
        "hard link": 1,
        "name that is no UTF-8": 1,
    }
    assert found.oddities["hard link"].names == [
        "data/attachments/1/a, which has 1 names outside of the site's folders"
    ]
    assert (found.files, found.bytes) == (4, 2)


def test_repositories_that_refuse_each_push_are_reported(root: Path) -> None:
    bare = root / "repositories/alice/small.git"
    (bare / "objects").mkdir()
    (bare / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    worktree, closed = root / "repositories/alice/worktree.git", root / "repositories/alice/closed.git"
    (worktree / "objects").mkdir(parents=True)
    (worktree / "config").write_text("[core]\n\tbare = false\n")
    (closed / "objects").mkdir(parents=True)
    (closed / "objects").chmod(0o555)
    for folder in (bare, worktree, closed):
        os.chown(folder / "objects", GIT.user, -1)
    found = run_survey(root)
    assert found.lost == {}
    assert {kind: one.names for kind, one in found.oddities.items()} == {
        NOT_BARE: ["repositories/alice/worktree.git"],
        READ_ONLY_OBJECTS: ["repositories/alice/closed.git"],
    }


def test_thousands_of_findings_fit_into_one_result(root: Path) -> None:
    for number in range(3000):
        (root / "data" / f"{'длинное-имя' * 8}-{number}").symlink_to("/outside/" + "x" * 200)
    found = run_survey(root)
    assert found.lost["link that leads out"].total == 3000
    assert len(serialize(found.to_facts())) < MAX_CHARACTERS / 3


def test_a_survey_beyond_its_time_limit_is_reported_as_incomplete(root: Path) -> None:
    assert survey(PROFILE.files, root, GIT, budget_seconds=-1).to_facts()["complete"] is False


MOUNTS = """\
25 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 25 8:16 / {root} rw - xfs /dev/sdb rw
31 30 8:32 / {root}/repositories/bob\\040s rw - ext4 /dev/sdc rw
32 30 0:50 / {root}/data/attachments rw - nfs4 filer:/attachments rw
33 25 0:51 / {root}-other rw - nfs4 filer:/x rw
"""


def test_local_and_network_mounts_below_the_site_are_distinguished(root: Path, tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS.format(root=root))
    assert list(mounts.find_mounts(root, table)) == [
        (mounts.FOREIGN, f"{root}/data/attachments (nfs4)"),
        (mounts.LOCAL, f"{root}/repositories/bob s (ext4)"),
    ]
    own = {f"{root}/data/attachments", f"{root}/repositories/bob s"}
    assert list(mounts.find_mounts(root, table, own=own)) == [(mounts.FOREIGN, f"{root}/data/attachments (nfs4)")]
    table.write_text(MOUNTS.format(root=root).replace("xfs", "nfs4"))
    assert next(mounts.find_mounts(root, table)) == (mounts.FOREIGN, f"{root} (nfs4)")


def test_a_mount_point_may_have_any_bytes(root: Path, tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    names = ("caf\udce9", "a\u00a0b", "a\u2028b", "a\vb", "a\rb", "ü")
    line = f"31 25 8:32 / {root}/{{}} rw - ext4 /dev/sdc rw\n"
    table.write_bytes("".join(map(line.format, names)).encode(errors="surrogateescape"))
    assert sorted(mounts.find_mounts(root, table)) == sorted((mounts.LOCAL, f"{root}/{name} (ext4)") for name in names)
    assert mounts.list_mount_points(table) == {f"{root}/{name}" for name in names}


@pytest.mark.parametrize("make", [linked_repository, linked_owner, linked_group, linked_file_in_a_repository])
def test_a_link_created_after_preflight_is_rejected_by_every_comparison(
    root: Path, make: Callable[[Path], str]
) -> None:
    assert digest.digest_files(PROFILE.files, root)
    make(root)
    (link,) = (str(path.relative_to(root)) for path in root.rglob("*") if path.is_symlink())
    with pytest.raises(NotChecked, match="leads out of"):
        digest.digest_files(PROFILE.files, root)
    with pytest.raises(NotChecked, match="leads out of"):
        digest.digest_changes(PROFILE.files, root, ChangedPaths((link,), ()))
    # The copy has the same link. Only the source checks whether it leads out.
    assert digest.digest_files(PROFILE.files, root, check_links=False)
    assert digest.digest_changes(PROFILE.files, root, ChangedPaths((link,), ()), check_links=False)


def test_the_content_behind_a_link_is_not_part_of_the_site(root: Path) -> None:
    before = digest.digest_files(PROFILE.files, root, check_links=False)
    linked_repository(root)
    linked = digest.digest_files(PROFILE.files, root, check_links=False)
    assert set(linked) - set(before) == {BIG}
    (root.parent / "mnt/big.git/HEAD").write_text("other")
    assert digest.digest_files(PROFILE.files, root, check_links=False) == linked
