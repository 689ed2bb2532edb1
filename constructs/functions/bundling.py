"""Bundle one package of lambda/ with lambda/common, the applications' profiles and the locked dependencies, on this machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import jsii
from aws_cdk import DockerImage, FileSystem, ILocalBundling

LAMBDA = Path(__file__).parents[2] / "lambda"
LOCK = LAMBDA / "requirements.txt"
CACHE = Path(__file__).parents[2] / ".cache/lambda"
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


def install_dependencies(lock: Path = LOCK, cache: Path = CACHE) -> Path:
    """Install the locked wheels for Lambda's platform, and return their folder. pip checks their hashes.

    The folder is kept in `cache` by the content of the lock file, so that only the first synthesis installs.
    """
    key = hashlib.sha256("\n".join([PYTHON_VERSION, PLATFORM, lock.read_text()]).encode()).hexdigest()
    folder = cache / key
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".installing-") as temporary:
        unfinished = Path(temporary) / key
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"),
                *("--no-deps", "--require-hashes", "--only-binary=:all:"),
                *("--platform", PLATFORM, "--python-version", PYTHON_VERSION, "--implementation", "cp"),
                *("--target", str(unfinished), "--requirement", str(lock)),
            ],
            check=True,
        )
        try:
            unfinished.rename(folder)  # an interrupted installation is never found
        except OSError:
            if not folder.is_dir():  # else another process was faster
                raise
    return folder


def link_or_copy(source: str, target: str) -> None:
    """Give a file a second name, which takes no time. Copy it if the target is on another file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@jsii.implements(ILocalBundling)
class LocalBundling:
    """Never falls through to Docker: it returns True or raises."""

    def __init__(self, package: str) -> None:
        self._package = package

    def try_bundle(self, output_dir: str, *, image: DockerImage, **_options: object) -> bool:  # noqa: ARG002 (jsii's signature)
        ignore = shutil.ignore_patterns(*EXCLUDED)
        shutil.copytree(
            install_dependencies(), output_dir, dirs_exist_ok=True, ignore=ignore, copy_function=link_or_copy
        )
        for folder in (LAMBDA / self._package, LAMBDA / "common", APPLICATIONS):
            shutil.copytree(folder, Path(output_dir) / folder.name, ignore=ignore)
        return True
