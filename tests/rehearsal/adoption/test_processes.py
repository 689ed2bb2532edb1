"""Somebody else's Gogs, behind nginx with TLS, is adopted and released in namespaces of its own, without machines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rehearsal.settings import Settings
from rehearsal.world.mirror import make_mirror

pytestmark = pytest.mark.rehearsal
HERE = Path(__file__).parent
ROOT = HERE.parents[2]


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the nginx of the machines' package mirror."""
    folder = tmp_path_factory.mktemp("nginx")
    (package,) = (make_mirror(Settings.load(dict(os.environ)).cache, print) / "pool").glob("nginx_*.deb")
    subprocess.run(["dpkg", "-x", str(package), str(folder)], check=True)
    return folder


def test_a_site_is_adopted_serves_and_is_released(archive: Path, nginx: Path, place: Path) -> None:
    folder = place / "namespace"
    folder.mkdir()
    command = [
        "unshare",
        "--mount",
        "--net",
        "--pid",
        "--fork",
        "--kill-child",
        "sh",
        str(HERE / "namespace.sh"),
        str(folder),
    ]
    inside = [
        "env",
        f"PYTHONPATH={ROOT}:{ROOT / 'assets/site'}",
        "PYTHONDONTWRITEBYTECODE=1",
        sys.executable,
        "-m",
        "tests.rehearsal.adoption.inside",
    ]
    done = subprocess.run(
        [*command, *inside, str(archive), str(nginx)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-6000:]
    assert "adopted in" in done.stdout
