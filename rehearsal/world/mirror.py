"""The package mirror of the machines: packages.txt with everything it depends on, as an apt repository in the cache.

It has packages of its own as well: boto3 as Ubuntu has it, and a stand-in for the headers of the running kernel.
"""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path

from rehearsal.world.boto3_packages import DEPENDENCIES, REQUIREMENTS, build_boto3
from rehearsal.world.cache import Report, compute_digest, make_once
from rehearsal.world.kernel_headers import build_kernel_headers, read_kernel_release
from rehearsal.world.rootfs import SUITE, make_rootfs
from rehearsal.world.shell import run

_LIST = Path(__file__).with_name("packages.txt")
_REVISION = "2"


def list_wanted() -> list[str]:
    """Return the packages of packages.txt, and what the mirror's own boto3 needs."""
    lines = (line.partition("#")[0].strip() for line in _LIST.read_text().splitlines())
    return [*(line for line in lines if line), *DEPENDENCIES]


def make_mirror(cache: Path, report: Report) -> Path:
    """Return the folder that is served as /debian. It is created once for each content of packages.txt and boto3.txt, and each kernel."""
    system = make_rootfs(cache, report)
    name = f"mirror-{compute_digest(_REVISION, system.name, REQUIREMENTS.read_bytes(), read_kernel_release(), *list_wanted())}"

    def make(half: Path) -> None:
        pool = half / "pool"
        pool.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".apt-") as scratch:
            _download(system, Path(scratch), pool)
            build_boto3(Path(scratch) / "boto3", pool)
            build_kernel_headers(Path(scratch) / "headers", pool, read_kernel_release())
        _write_index(half)

    return make_once(
        cache, name, make, starting=lambda: report("package mirror for the machines (once, about a minute)")
    )


def _download(system: Path, scratch: Path, pool: Path) -> None:
    """Download the packages that apt installs on the stock system for each package alone, and for all of them together.

    Alone as well, because of alternatives (`a | b`): what satisfies them together need not be what does so alone.
    """
    with tarfile.open(system) as tar:
        for member in tar:
            if member.name.startswith(("./etc/apt/sources.list", "./var/lib/dpkg/status")) and member.isfile():
                tar.extract(member, scratch, filter="data")
    archives = scratch / "archives"
    for folder in (archives / "partial", scratch / "lists" / "partial", scratch / "etc/apt/sources.list.d"):
        folder.mkdir(parents=True, exist_ok=True)
    options = (
        f"Dir::State::status={scratch}/var/lib/dpkg/status",
        f"Dir::State::lists={scratch}/lists",
        f"Dir::State::extended_states={scratch}/extended",
        f"Dir::Etc::sourcelist={scratch}/etc/apt/sources.list",
        f"Dir::Etc::sourceparts={scratch}/etc/apt/sources.list.d",
        "Dir::Etc::preferencesparts=-",
        f"Dir::Cache={scratch}/cache",
        f"Dir::Cache::archives={archives}",
        "APT::Install-Recommends=false",
        "APT::Sandbox::User=root",
        "APT::Keep-Downloaded-Packages=true",
        "APT::Get::List-Cleanup=false",
        "Debug::NoLocking=true",
    )
    apt = ["apt-get", "-q", "-y", *(word for option in options for word in ("-o", option))]
    (scratch / "cache").mkdir()
    run(*apt, "update")
    run(*apt, "install", "--download-only", *list_wanted())
    for package in list_wanted():
        run(*apt, "install", "--download-only", package)
    for file in archives.glob("*.deb"):
        shutil.move(file, pool / file.name.replace("%3a", "_"))


def _write_index(repository: Path) -> None:
    """Write Packages and Release files, as a repository with one suite and one component."""
    architecture = run("dpkg", "--print-architecture").strip()
    folder = repository / "dists" / SUITE / "main" / f"binary-{architecture}"
    folder.mkdir(parents=True)
    (folder / "Packages").write_text(run("apt-ftparchive", "packages", "pool", cwd=repository))
    run("gzip", "-k", folder / "Packages")
    fields = {"Suite": SUITE, "Codename": SUITE, "Components": "main", "Architectures": architecture}
    options = [word for key, value in fields.items() for word in ("-o", f"APT::FTPArchive::Release::{key}={value}")]
    release = run("apt-ftparchive", *options, "release", f"dists/{SUITE}", cwd=repository)
    (repository / "dists" / SUITE / "Release").write_text(release)
