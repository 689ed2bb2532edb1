"""What cannot be carried over of an existing site's folders, wherever they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.existing.data import Folder, check_data
from cutover_site.existing.findings import STOPS, UNKNOWN, Finding
from cutover_site.existing.host import Account

OWNER = Account("root", os.geteuid(), os.getegid(), "/root")


@pytest.fixture
def folders(tmp_path: Path) -> list[Folder]:
    repositories, lfs = tmp_path / "git/repositories", tmp_path / "mnt/lfs"
    (repositories / "a/b.git/objects/info").mkdir(parents=True)
    (repositories / "a/b.git/HEAD").write_text("ref: refs/heads/main\n")
    lfs.mkdir(parents=True)
    (lfs / "object").write_text("12345")
    return [Folder("repositories", repositories, is_required=True), Folder("LFS objects", lfs)]


def check(folders: list[Folder], seconds: float = 60.0) -> tuple[list[Finding], list[dict[str, Any]]]:
    found = list(check_data(folders, PROFILE.files, OWNER, budget_seconds=seconds))
    return [one for one in found if isinstance(one, Finding)], [one for one in found if isinstance(one, dict)]


def test_each_folder_is_measured(folders: list[Folder]) -> None:
    findings, sizes = check(folders)
    assert findings == []
    assert [(one["name"], one["files"], one["bytes"]) for one in sizes] == [
        ("repositories", 1, 21),
        ("LFS objects", 1, 5),
    ]


def test_a_link_out_of_the_data_roots_is_refused(folders: list[Folder]) -> None:
    (folders[0].path / "a/c.git").symlink_to("/srv/elsewhere")
    (finding,) = check(folders)[0]
    assert finding.level == STOPS
    assert "a/c.git leads to /srv/elsewhere" in finding.what
    assert finding.action


def test_a_link_from_one_data_root_into_another_leads_nowhere_out(folders: list[Folder]) -> None:
    (folders[0].path / "a/object").symlink_to(folders[1].path / "object")
    assert check(folders)[0] == []


@pytest.mark.parametrize(("inside", "count"), [(False, 1), (True, 0)])
def test_a_repository_that_borrows_objects_is_refused_unless_they_are_carried_over(
    folders: list[Folder], tmp_path: Path, inside: bool, count: int
) -> None:
    lender = (folders[1].path if inside else tmp_path / "pool") / "objects"
    lender.mkdir(parents=True)
    (folders[0].path / "a/b.git/objects/info/alternates").write_text(f"{lender}\n")
    findings = check(folders)[0]
    assert len(findings) == count
    assert all("borrowed objects" in one.what and "repack" in one.action for one in findings)


def test_missing_repositories_are_refused_and_a_missing_optional_folder_is_not(tmp_path: Path) -> None:
    missing = [Folder("repositories", tmp_path / "a", is_required=True), Folder("avatars", tmp_path / "b")]
    (finding,) = check(missing)[0]
    assert f"{tmp_path}/a (repositories) does not exist" in finding.what


def test_a_folder_inside_another_is_searched_once(folders: list[Folder]) -> None:
    inner = folders[0].path / "attachments"
    inner.mkdir()
    (inner / "1").write_text("x")
    sizes = check([*folders, Folder("attachments", inner)])[1]
    assert [one["name"] for one in sizes] == ["repositories", "LFS objects"]


def test_a_search_that_did_not_end_counts_as_not_checked(
    folders: list[Folder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cutover_site.files.survey.ENTRIES_PER_CLOCK_CHECK", 1)
    monkeypatch.setattr("cutover_site.existing.data.LEAST_SECONDS", -1.0)
    findings, _ = check(folders, seconds=-1.0)
    assert {one.level for one in findings} == {UNKNOWN}
