"""Debian packages that the mirror builds itself: a tree of files and a control file."""

from __future__ import annotations

from pathlib import Path

from rehearsal.world.shell import run

_CONTROL = """Package: {name}
Version: {version}
Architecture: all
Maintainer: Cutover rehearsal <rehearsal@localhost>
Depends: {depends}
Description: {description}
"""


def build_package(tree: Path, pool: Path, *, name: str, version: str, depends: str, description: str) -> None:
    """Write a package with the files of `tree` into `pool`."""
    (tree / "DEBIAN").mkdir()
    control = _CONTROL.format(name=name, version=version, depends=depends, description=description)
    (tree / "DEBIAN" / "control").write_text(control)
    target = pool / f"{name}_{version.partition('+')[0]}.deb"
    run("dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, target)
