"""The code of functions is unpacked once for each archive, by the way in which ministack unpacks it."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import pytest
from ministack.core import lambda_runtime  # type: ignore[import-untyped]

from rehearsal.aws.registry.function_code import share_code


@pytest.fixture(autouse=True)
def _scratch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(lambda_runtime, "zipfile", lambda_runtime.zipfile)  # restored after the test
    share_code()


def unpack(folder: Path, content: str) -> Path:
    """Unpack an archive with one module, and return the folder of the code."""
    code = folder / "code"
    code.mkdir(parents=True)
    with zipfile.ZipFile(folder / "code.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("package/module.py"), content)
    with lambda_runtime.zipfile.ZipFile(str(folder / "code.zip")) as archive:
        archive.extractall(str(code))
    return code


def test_functions_with_one_archive_share_its_files(tmp_path: Path) -> None:
    one, two = unpack(tmp_path / "one", "x = 1"), unpack(tmp_path / "two", "x = 1")
    assert (one / "package/module.py").read_text() == "x = 1"
    assert (one / "package/module.py").samefile(two / "package/module.py")


def test_functions_with_other_archives_do_not(tmp_path: Path) -> None:
    one, two = unpack(tmp_path / "one", "x = 1"), unpack(tmp_path / "two", "x = 2")
    assert [(code / "package/module.py").read_text() for code in (one, two)] == ["x = 1", "x = 2"]


def test_an_unpacking_that_fails_leaves_no_code_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a disk that is full while the archive is unpacked
    with monkeypatch.context() as patch:
        patch.setattr(zipfile.ZipFile, "_extract_member", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            unpack(tmp_path / "one", "x = 1")
    # Then the next function has the whole code
    assert (unpack(tmp_path / "two", "x = 1") / "package/module.py").read_text() == "x = 1"
