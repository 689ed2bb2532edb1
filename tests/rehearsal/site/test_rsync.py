"""The copies of the site's folders, by the real rsync."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from cutover_site.files.rsync import mirror, mirror_rewritten

pytestmark = pytest.mark.rehearsal
SECOND = 1_700_000_000
NEW, OLD = "1" * 40, "2" * 40


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    """Two that rsync takes for equal: sizes and whole seconds are. A branch, an object and an attachment differ."""
    for name, branch, content in (("source", NEW, b"whole"), ("target", OLD, b"wrong")):
        files = {
            "repositories/ann/one.git/refs/heads/main": branch.encode(),
            "repositories/ann/one.git/HEAD": b"ref: refs/heads/main",
            "repositories/ann/one.git/objects/aa/bb": content,
            "data/attachments/a": content,
        }
        for path, data in files.items():
            file = tmp_path / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            os.utime(file, (SECOND, SECOND))
    return tmp_path / "source", tmp_path / "target"


def copy(trees: tuple[Path, Path], how: Callable[[str, str], object] = mirror) -> dict[str, bytes]:
    """The target's files afterwards."""
    source, target = trees
    how(f"{source}/", f"{target}/")
    return {str(file.relative_to(target)): file.read_bytes() for file in target.rglob("*") if file.is_file()}


def test_size_and_seconds_do_not_tell_everything(trees: tuple[Path, Path]) -> None:
    assert copy(trees)["repositories/ann/one.git/refs/heads/main"] == OLD.encode()


def test_by_content_everything_arrives(trees: tuple[Path, Path]) -> None:
    found = copy(trees, partial(mirror, checksum=True))
    assert found["repositories/ann/one.git/refs/heads/main"] == NEW.encode()
    assert found["repositories/ann/one.git/objects/aa/bb"] == found["data/attachments/a"] == b"whole"


def test_what_git_rewrites_in_place_is_compared_alone(trees: tuple[Path, Path]) -> None:
    source, target = trees
    gone, extra = target / "repositories/ann/one.git/refs/heads/gone", target / "data/attachments/extra"
    for path in (gone, extra):
        path.write_text("x")
    (source / "repositories/ann/one.git/refs/tags").mkdir()
    (source / "repositories/ann/one.git/refs/tags/v1").write_text(NEW)

    found = copy(trees, mirror_rewritten)

    assert found["repositories/ann/one.git/refs/heads/main"] == NEW.encode()
    assert found["repositories/ann/one.git/refs/tags/v1"] == NEW.encode()
    assert not gone.exists()
    assert found["data/attachments/extra"] == b"x"
    assert found["repositories/ann/one.git/objects/aa/bb"] == found["data/attachments/a"] == b"wrong"
