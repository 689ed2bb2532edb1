"""Bundle one package of lambda/ with lambda/common, the applications' profiles and the locked dependencies, on this machine."""

from __future__ import annotations

import atexit
import hashlib
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import jsii
from aws_cdk import DockerImage, FileSystem, ILocalBundling

LAMBDA = Path(__file__).parents[2] / "lambda"
LOCK = LAMBDA / "requirements.txt"
APPLICATIONS = Path(__file__).parents[2] / "assets/site/applications"
EXCLUDED = ["__pycache__", "*.pyc"]
PYTHON_VERSION = "3.14"
PLATFORM = "manylinux2014_x86_64"


def compute_asset_hash(package: str, root: Path = LAMBDA, applications: Path = APPLICATIONS) -> str:
    """Return a hash of the package, common/, the applications' profiles and the lock file, and of nothing else below `root`."""
    folders = (root / package, root / "common", applications)
    parts = [FileSystem.fingerprint(str(folder), exclude=EXCLUDED) for folder in folders]
    parts.append(hashlib.sha256((root / LOCK.name).read_bytes()).hexdigest())
    return hashlib.sha256("\n".join([package, PYTHON_VERSION, PLATFORM, *parts]).encode()).hexdigest()


@cache
def _install_dependencies() -> Path:
    """Install the locked wheels for Lambda's platform, once per process, and return their folder. pip checks the hashes."""
    folder = Path(tempfile.mkdtemp(prefix="cutover-lambda-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"),
            *("--no-deps", "--require-hashes", "--only-binary=:all:"),
            *("--platform", PLATFORM, "--python-version", PYTHON_VERSION, "--implementation", "cp"),
            *("--target", str(folder), "--requirement", str(LOCK)),
        ],
        check=True,
    )
    return folder


@jsii.implements(ILocalBundling)
class LocalBundling:
    """Never falls through to Docker: it returns True or raises."""

    def __init__(self, package: str) -> None:
        self._package = package

    def try_bundle(self, output_dir: str, *, image: DockerImage, **_options: object) -> bool:  # noqa: ARG002 (jsii's signature)
        ignore = shutil.ignore_patterns(*EXCLUDED)
        shutil.copytree(_install_dependencies(), output_dir, dirs_exist_ok=True, ignore=ignore)
        for folder in (LAMBDA / self._package, LAMBDA / "common", APPLICATIONS):
            shutil.copytree(folder, Path(output_dir) / folder.name, ignore=ignore)
        return True
