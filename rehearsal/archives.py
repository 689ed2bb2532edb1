"""The archives that the playbooks download: Gogs and the discovery agent, laid into <home>/downloads by `up`."""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
import tomllib
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from rehearsal.demo_settings import DISCOVERY_AGENT, GOGS_ARCHIVE
from rehearsal.errors import RehearsalError
from rehearsal.gogs.build import build, is_stand_in
from rehearsal.settings import Settings
from rehearsal.world.cache import Report
from rehearsal.world.downloads import DISCOVERY_REGISTRY

_CONFIGURATION = Path(__file__).resolve().parents[1] / "migration.toml"
_AGENT = Path(__file__).with_name("discovery_agent")
_DOWNLOAD_SECONDS = 60.0


def provide(settings: Settings, environ: Mapping[str, str], report: Report) -> None:
    """Both archives. Says which Gogs it is. Raises RehearsalError when the one that was asked for cannot be had."""
    settings.downloads.mkdir(parents=True, exist_ok=True)
    gogs(settings.downloads / GOGS_ARCHIVE, environ.get("GOGS_ARCHIVE", ""), report)
    discovery_agent(settings, settings.downloads / DISCOVERY_AGENT)


def check(wanted: str) -> None:
    """Raises RehearsalError when GOGS_ARCHIVE cannot be meant; for before anything is started."""
    if "://" in wanted:
        if "#sha256=" not in wanted:
            raise RehearsalError("GOGS_ARCHIVE is an address without a digest: append #sha256=… of the archive.")
    elif wanted and not Path(wanted).is_file():
        raise RehearsalError(f"GOGS_ARCHIVE names {wanted}, which is no file.")


def gogs(target: Path, wanted: str, report: Report) -> None:
    """`wanted` is GOGS_ARCHIVE: a path, or an address that ends in #sha256=…. Empty: the release that migration.toml names with its digest,
    and where it names none or it cannot be had, the stand-in.
    """
    check(wanted)
    if not wanted:
        _release_or_stand_in(target, report)
    elif "://" in wanted:
        address, _, digest = wanted.partition("#sha256=")
        report("Gogs: downloading the release")
        target.write_bytes(_checked(address, digest))
    else:
        shutil.copyfile(wanted, target)
        report(f"Gogs: {wanted}")


def name_program(settings: Settings) -> str:
    """Return `stand-in` or `release`, whichever the world's playbooks install: what the archive holds decides, not what was asked for."""
    return "stand-in" if is_stand_in(settings.downloads / GOGS_ARCHIVE) else "release"


def configured(file: Path = _CONFIGURATION) -> str:
    """The release of the project's own migration.toml as address#sha256=…; empty while its digest is the placeholder of zeros."""
    named = tomllib.loads(file.read_text()).get("gogs", {})
    digest = str(named.get("archive_sha256", ""))
    return f"{named['archive_url']}#sha256={digest}" if digest.strip("0") else ""


def _release_or_stand_in(target: Path, report: Report) -> None:
    release = configured()
    why = "set GOGS_ARCHIVE to a release's path or address#sha256=…, or gogs.archive_sha256 in migration.toml, to use the real one"
    try:
        if release:
            gogs(target, release, report)
    except RehearsalError as error:
        release, why = "", f"the release of migration.toml cannot be had: {error}"
    if not release:
        build(target)
        report(f"Gogs: the stand-in ({why})")


def discovery_agent(settings: Settings, target: Path) -> None:
    """An agent with the interface of the real archive (`install -r REGION`), which registers with this world's mirror."""
    with tarfile.open(target, "w:gz") as archive:
        for file in sorted(_AGENT.iterdir()):
            archive.add(file, arcname=file.name, filter=_by_root)
        address = f"{settings.mirror_url}{DISCOVERY_REGISTRY}\n".encode()
        member = tarfile.TarInfo("registry")
        member.size, member.mode = len(address), 0o644
        archive.addfile(member, io.BytesIO(address))


def _checked(address: str, digest: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=_DOWNLOAD_SECONDS) as answer:
            data: bytes = answer.read()
    except (urllib.error.URLError, OSError) as error:
        raise RehearsalError(
            f"{address} cannot be downloaded: {error}. Give the path of a copy in GOGS_ARCHIVE."
        ) from None
    if hashlib.sha256(data).hexdigest() != digest.lower():
        raise RehearsalError(f"What {address} gave has another SHA-256 than the one that is named with it.")
    return data


def _by_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member
