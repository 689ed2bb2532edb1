"""The stand-in for the package of kernel headers: an agent's checks accept what it installs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rehearsal.world.kernel_headers import build_kernel_headers
from rehearsal.world.shell import run

RELEASE = "6.1.0-9-amd64"
pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs Debian's dpkg-deb")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "pool").mkdir()
    build_kernel_headers(tmp_path / "scratch", tmp_path / "pool", RELEASE)
    (made,) = (tmp_path / "pool").glob("*.deb")
    return made


def test_the_package_has_the_name_that_installers_ask_for(package: Path) -> None:
    assert run("dpkg-deb", "--field", package, "Package").strip() == f"linux-headers-{RELEASE}"
    assert run("dpkg-deb", "--field", package, "Depends").strip() == "make, gcc"


def test_the_folder_of_the_running_kernel_leads_to_a_makefile(package: Path, tmp_path: Path) -> None:
    run("dpkg-deb", "--extract", package, tmp_path / "root")
    headers = tmp_path / "root/usr/src" / f"linux-headers-{RELEASE}"
    link = tmp_path / "root/usr/lib/modules" / RELEASE / "build"
    assert not headers.is_symlink()
    assert link.readlink() == Path("/usr/src") / headers.name
    assert (headers / "Makefile").is_file()
