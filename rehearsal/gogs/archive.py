"""The archive that Gogs's playbook downloads: a real release, or the stand-in."""

from __future__ import annotations

import hashlib
import shutil
import tomllib
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from rehearsal.errors import RehearsalError
from rehearsal.gogs.build import NAME, build, is_stand_in
from rehearsal.settings import Settings
from rehearsal.world.cache import Report

VARIABLE = "GOGS_ARCHIVE"
_CONFIGURATION = Path(__file__).resolve().parents[2] / "migration.toml"
_DOWNLOAD_SECONDS = 60.0
_TABLE = """\
[gogs]
version = "0.14.3"
archive_url = "{url}"
archive_sha256 = "{digest}"
"""


def provide_release(settings: Settings, environ: Mapping[str, str], report: Report) -> None:
    """Provide the archive and report which Gogs it contains. Raises RehearsalError when the requested one is not available."""
    provide(settings.downloads / NAME, environ.get(VARIABLE, ""), report)


def describe_release(settings: Settings) -> str:
    """Return the table `[gogs]` of migration.toml. Raises RehearsalError when there is no archive."""
    archive = settings.downloads / NAME
    if not archive.exists():
        raise RehearsalError(f"There is no Gogs archive at {archive}; name one with GOGS_ARCHIVE.")
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return _TABLE.format(url=f"{settings.mirror_url}/downloads/{NAME}", digest=digest)


def check_environment(environ: Mapping[str, str]) -> None:
    """Raise RehearsalError when GOGS_ARCHIVE cannot be meant; for before anything is started."""
    wanted = environ.get(VARIABLE, "")
    if "://" in wanted:
        if "#sha256=" not in wanted:
            raise RehearsalError("GOGS_ARCHIVE is an address without a digest: append #sha256=… of the archive.")
    elif wanted and not Path(wanted).is_file():
        raise RehearsalError(f"GOGS_ARCHIVE names {wanted}, which is no file.")


def provide(target: Path, wanted: str, report: Report) -> None:
    """Write the archive that `wanted` (GOGS_ARCHIVE) names: a path, or an address that ends in #sha256=….

    Empty: the release that migration.toml names with its digest, or the stand-in if it names none or if that release is not available.
    """
    check_environment({VARIABLE: wanted})
    if not wanted:
        _release_or_stand_in(target, report)
    elif "://" in wanted:
        address, _, digest = wanted.partition("#sha256=")
        report("Gogs: downloading the release")
        target.write_bytes(_download_checked(address, digest))
    else:
        shutil.copyfile(wanted, target)
        report(f"Gogs: {wanted}")


def identify_program(settings: Settings) -> str:
    """Return `stand-in` or `release`, whichever the world's playbooks install. The content of the archive decides, not the request."""
    return "stand-in" if is_stand_in(settings.downloads / NAME) else "release"


def read_configured_release(file: Path = _CONFIGURATION) -> str:
    """Return the release of the project's own migration.toml as address#sha256=…; empty while its digest is the placeholder of zeros."""
    named = tomllib.loads(file.read_text()).get("gogs", {})
    digest = str(named.get("archive_sha256", ""))
    return f"{named['archive_url']}#sha256={digest}" if digest.strip("0") else ""


def _release_or_stand_in(target: Path, report: Report) -> None:
    release = read_configured_release()
    why = "set GOGS_ARCHIVE to a release's path or address#sha256=…, or gogs.archive_sha256 in migration.toml, to use the real one"
    try:
        if release:
            provide(target, release, report)
    except RehearsalError as error:
        release, why = "", f"the release of migration.toml is not available: {error}"
    if not release:
        build(target)
        report(f"Gogs: the stand-in ({why})")


def _download_checked(address: str, digest: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=_DOWNLOAD_SECONDS) as response:
            data: bytes = response.read()
    except (urllib.error.URLError, OSError) as error:
        raise RehearsalError(
            f"{address} cannot be downloaded: {error}. Give the path of a copy in GOGS_ARCHIVE."
        ) from None
    if hashlib.sha256(data).hexdigest() != digest.lower():
        raise RehearsalError(f"What {address} gave has another SHA-256 than the one that is named with it.")
    return data
