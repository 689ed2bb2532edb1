"""A system with the oldest Python that the tool supports: Debian 11, Python 3.9, and the packages of its archive."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rehearsal.settings import Settings
from rehearsal.world.cache import compute_digest, make_once
from rehearsal.world.shell import run

ROOT = Path(__file__).parents[3]
SUITE = "bullseye"
PACKAGES = ("git", "openssh-client", "python3", "python3-boto3", "python3-pymysql", "python3-requests", "rsync")
"""the packages that the role migration_scripts installs"""
REQUIREMENTS = ROOT / "requirements-py39.txt"
PYTEST = "/opt/pytest"
REPOSITORY = "/opt/repository"
RESULTS = "/opt/results"
_REVISION = "1"  # increase it to rebuild every cached system
_TIMEOUT_SECONDS = 600.0


def make_system() -> Path:
    """Return the folder <cache>/python39-<hash>. The first call builds it in about 40 seconds.

    Raises RehearsalError if the build fails.
    """
    name = f"python39-{compute_digest(_REVISION, SUITE, *PACKAGES, REQUIREMENTS.read_bytes())}"
    return make_once(
        Settings.load(os.environ).cache, name, _build, starting=lambda: print("Debian 11 for Python 3.9 (once, 40 s)")
    )


def _build(half: Path) -> None:
    # When Debian archives Debian 11, its last index expires and never changes again.
    valid = '--aptopt=Acquire::Check-Valid-Until "false"'
    include = f"--include={','.join(PACKAGES)}"
    run("mmdebstrap", "--variant=minbase", "--format=directory", valid, include, SUITE, half, timeout=_TIMEOUT_SECONDS)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    wheels = ["--require-hashes", "--only-binary=:all:", "--python-version=3.9", "--no-compile"]
    run(*pip, *wheels, f"--target={half}{PYTEST}", "-r", REQUIREMENTS)
    for folder in (REPOSITORY, RESULTS):  # mount points, because the system is read-only
        (half / folder.removeprefix("/")).mkdir()
    (half / "opt/cutover").symlink_to(f"{REPOSITORY}/cutover")


def run_inside(repository: Path, results: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the system, which is not booted, is read-only and has no network.

    `repository` is the working folder.
    """
    return subprocess.run(
        [
            "systemd-nspawn",
            "--quiet",
            "--register=no",
            "--keep-unit",
            "--private-network",
            "--read-only",
            "--tmpfs=/tmp",
            "--link-journal=no",
            "--pipe",
            f"--machine=python39-{os.getpid()}",
            f"--bind-ro={repository}:{REPOSITORY}",
            f"--bind={results}:{RESULTS}",
            f"--chdir={REPOSITORY}",
            f"--setenv=PYTHONPATH={PYTEST}",
            "--setenv=PYTHONDONTWRITEBYTECODE=1",
            f"--directory={make_system()}",
            *command,
        ],
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
