"""Write the archive of the agent: what its Debian package puts on a machine, below the root."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from rehearsal.replication_engine.installers import build_installer

ARCHIVE = "amazon-ssm-agent.tar.gz"
_FOLDER = Path(__file__).with_name("agent")
PROGRAM, UNIT = "usr/bin/amazon-ssm-agent", "lib/systemd/system/amazon-ssm-agent.service"


def write_agent_archive(target: Path) -> None:
    """Write the archive, which an operator unpacks in the root of a machine."""
    with tarfile.open(target, "w:gz") as archive:
        _add(archive, PROGRAM, build_installer(_FOLDER / "amazon_ssm_agent.py"), 0o755)
        _add(archive, UNIT, (_FOLDER / "amazon-ssm-agent.service").read_text(), 0o644)


def _add(archive: tarfile.TarFile, name: str, text: str, mode: int) -> None:
    content = text.encode()
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), mode
    member.uname = member.gname = "root"
    archive.addfile(member, io.BytesIO(content))
