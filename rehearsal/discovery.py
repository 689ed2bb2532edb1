"""The archive of the discovery agent, which the playbooks download from <home>/downloads."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from rehearsal.settings import Settings
from rehearsal.world.downloads import DISCOVERY_REGISTRY

_AGENT = Path(__file__).with_name("discovery_agent")


def write_discovery_agent(settings: Settings, target: Path) -> None:
    """Write an agent with the interface of the real archive (`install -r REGION`). It registers with this world's mirror."""
    with tarfile.open(target, "w:gz") as archive:
        for file in sorted(_AGENT.iterdir()):
            archive.add(file, arcname=file.name, filter=_set_owner_root)
        address = f"{settings.mirror_url}{DISCOVERY_REGISTRY}\n".encode()
        member = tarfile.TarInfo("registry")
        member.size, member.mode = len(address), 0o644
        archive.addfile(member, io.BytesIO(address))


def _set_owner_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member
