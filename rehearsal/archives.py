"""The archives that the playbooks download: Gogs and the discovery agent, laid into <home>/downloads by `up`."""

from __future__ import annotations

import hashlib
import io
import shutil
import tarfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from rehearsal.demo_settings import DISCOVERY_AGENT, GOGS_ARCHIVE
from rehearsal.errors import RehearsalError
from rehearsal.gogs.build import build
from rehearsal.settings import Settings
from rehearsal.world.cache import Report
from rehearsal.world.downloads import DISCOVERY_REGISTRY

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
    """`wanted` is GOGS_ARCHIVE: a path, an address that ends in #sha256=…, or empty for the stand-in."""
    check(wanted)
    if not wanted:
        build(target)
        report("Gogs: the stand-in (set GOGS_ARCHIVE to a release's path or address#sha256=… to use the real one)")
    elif "://" in wanted:
        address, _, digest = wanted.partition("#sha256=")
        report("Gogs: downloading the release")
        target.write_bytes(_checked(address, digest))
    else:
        shutil.copyfile(wanted, target)
        report(f"Gogs: {wanted}")


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
        raise RehearsalError(f"GOGS_ARCHIVE cannot be downloaded: {error}. Give the path of a copy.") from None
    if hashlib.sha256(data).hexdigest() != digest.lower():
        raise RehearsalError("GOGS_ARCHIVE: what was downloaded has another SHA-256 than the one given.")
    return data


def _by_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member
