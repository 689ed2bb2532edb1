"""The dependencies of the functions are installed once for each lock file, and never by half."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import zipfile
from pathlib import Path

import pytest
from functions.bundling import install_dependencies, link_or_copy

NAME = "tiny-1.0-py3-none-any.whl"


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """Create a wheel with one module."""
    path = tmp_path / NAME
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("tiny.py", "VALUE = 1\n")
        packed.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        packed.writestr(
            "tiny-1.0.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        packed.writestr("tiny-1.0.dist-info/RECORD", "tiny.py,,\n")
    return path


def write_lock(wheel: Path, digest: str) -> Path:
    lock = wheel.with_name("requirements.txt")
    lock.write_text(f"tiny @ {wheel.as_uri()} --hash=sha256:{digest}\n")
    return lock


def test_the_second_synthesis_installs_nothing(wheel: Path, tmp_path: Path) -> None:
    lock = write_lock(wheel, hashlib.sha256(wheel.read_bytes()).hexdigest())
    first = install_dependencies(lock, tmp_path / "cache")
    assert (first / "tiny.py").read_text() == "VALUE = 1\n"
    wheel.unlink()  # pip could not install it again
    assert install_dependencies(lock, tmp_path / "cache") == first


def test_another_lock_file_installs_into_another_folder(wheel: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    first = install_dependencies(write_lock(wheel, digest), tmp_path / "cache")
    lock = write_lock(wheel, digest)
    lock.write_text(lock.read_text() + "# a newer lock\n")
    assert install_dependencies(lock, tmp_path / "cache") != first


def test_a_wheel_with_another_hash_is_refused_and_leaves_nothing(wheel: Path, tmp_path: Path) -> None:
    lock = write_lock(wheel, "0" * 64)
    with pytest.raises(subprocess.CalledProcessError):
        install_dependencies(lock, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_file_gets_a_second_name_or_a_copy_on_another_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "module.py"
    source.write_text("VALUE = 1\n")
    link_or_copy(str(source), str(tmp_path / "linked.py"))
    assert (tmp_path / "linked.py").samefile(source)

    def refuse(source: str, target: str) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link", source, None, target)

    monkeypatch.setattr(os, "link", refuse)
    link_or_copy(str(source), str(tmp_path / "copied.py"))
    assert (tmp_path / "copied.py").read_text() == "VALUE = 1\n"
    assert not (tmp_path / "copied.py").samefile(source)
