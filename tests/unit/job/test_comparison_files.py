"""Files and owners that differ are reported. Files that git rewrites and files of a single server are not compared."""

import os
import shutil
from pathlib import Path

import pytest

from rehearsal.job.comparison import Comparison, Tree, compare_files

FILES = (
    "data/attachments/a/b/uuid",
    "data/avatars/1",
    "repositories/a/one.git/hooks/update",
    "repositories/a/one.git/objects/ab/cd",
    "repositories/a/one.git/packed-refs",
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for name in FILES:
        file = tmp_path / "source" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return tmp_path / "source"


@pytest.fixture
def target(source: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(source, tmp_path / "target"))


def compare(source: Path, target: Path) -> Comparison:
    result = Comparison()
    compare_files(Tree(source), Tree(target), result)
    return result


def test_equal_trees_have_no_findings(source: Path, target: Path) -> None:
    result = compare(source, target)
    assert (result.findings, result.extra) == ([], [])
    assert result.files == {"data/attachments": 1, "data/avatars": 1, "in repositories": 1}
    assert result.owned == len(list(source.rglob("*"))) + 1


@pytest.mark.parametrize("name", ["data/attachments/a/b/uuid", "repositories/a/one.git/hooks/update"])
def test_a_changed_or_missing_file_is_reported(source: Path, target: Path, name: str) -> None:
    (target / name).write_text("other")
    assert compare(source, target).findings == [f"file {name} differs"]
    (target / name).unlink()
    assert compare(source, target).findings == [f"file {name}"]


def test_a_different_mode_is_reported(source: Path, target: Path) -> None:
    (target / "repositories/a/one.git/objects").chmod(0o700)
    assert compare(source, target).findings == ["mode of repositories/a/one.git/objects is 40700 instead of 40755"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the owner of a file")
def test_a_different_owner_is_reported(source: Path, target: Path) -> None:
    os.chown(target / "data/avatars/1", 990, 991)
    assert compare(source, target).findings == [
        "owner of data/avatars/1 is 990 instead of 0",
        "group of data/avatars/1 is 991 instead of 0",
    ]


def test_a_link_in_place_of_a_file_is_reported(source: Path, target: Path) -> None:
    (target / "data/avatars/1").unlink()
    (target / "data/avatars/1").symlink_to(source / "data/avatars/1")
    assert "file data/avatars/1 differs" in compare(source, target).findings


def test_files_that_git_rewrites_and_unfinished_uploads_may_differ(source: Path, target: Path) -> None:
    shutil.rmtree(target / "repositories/a/one.git/objects/ab")
    (target / "repositories/a/one.git/packed-refs").unlink()
    for side, server in ((source, "source"), (target, "i-1")):
        (side / "data/lfs-incoming" / server).mkdir(parents=True)
    assert compare(source, target).findings == []


def test_new_files_on_the_target_are_listed(source: Path, target: Path) -> None:
    (target / "data/avatars/2").write_text("new")
    result = compare(source, target)
    assert (result.findings, result.extra, result.extra_files) == ([], ["data/avatars/2"], 1)


def test_an_empty_source_is_a_finding(tmp_path: Path, target: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no file could be compared" in compare(tmp_path / "empty", target).findings[0]


def test_folders_at_other_places_of_the_disk_are_compared_as_one_tree(
    source: Path, target: Path, tmp_path: Path
) -> None:
    (source / "repositories").rename(tmp_path / "elsewhere")
    (source / "repositories").mkdir()
    installed = Tree(source, {"repositories": tmp_path / "elsewhere"})
    result = Comparison()
    compare_files(installed, Tree(target), result)
    assert (result.findings, result.extra) == ([], [])
    assert result.files == {"data/attachments": 1, "data/avatars": 1, "in repositories": 1}

    (tmp_path / "elsewhere/a/one.git/hooks/update").write_text("other")
    compare_files(installed, Tree(target), result)
    assert result.findings == ["file repositories/a/one.git/hooks/update differs"]
