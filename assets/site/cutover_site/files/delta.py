"""The last file changes, from the source's folders into the live tree, over the private link, with a key that can only read."""

import re
from pathlib import Path
from typing import Any

from cutover_site.errors import NotConfigured, Refused
from cutover_site.files import efs, rsync
from cutover_site.machine import Machine
from cutover_site.system import textfiles
from cutover_site.system.commands import run

HOST = re.compile(r"^[A-Za-z0-9.:-]+$")
FOLDER = Path("run/cutover")
HOST_KEY = Path("etc/cutover/source_host_key.pub")
"""written on the source by Ansible; a launched replica has it because its disk is a copy"""
PATHS_TOLD = 20


def public_key(machine: Machine) -> str:
    """Of this replica's key pair, made at the first call, kept in memory (/run) only."""
    private = machine.layout.root / FOLDER / "delta_key"
    if not private.exists():
        private.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "cutover-delta", "-f", str(private))
    return private.with_suffix(".pub").read_text().strip()


def remote_shell(machine: Machine, host: str) -> str:
    """ssh with our key, to this host key and no other. Raises NotConfigured when the source's host key is not known."""
    known = machine.layout.root / FOLDER / "known_hosts"
    try:
        host_key = (machine.layout.root / HOST_KEY).read_text().strip()
    except OSError as error:
        raise NotConfigured(
            f"the source's host key is not on this disk ({error})", next_action="run gogs.yml on the source again"
        ) from error
    textfiles.replace(known, f"{host} {host_key}\n")
    private = machine.layout.root / FOLDER / "delta_key"
    options = {
        "IdentitiesOnly": "yes",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": str(known),
        "BatchMode": "yes",
        "ConnectTimeout": "10",
        "Compression": "no",
    }
    return " ".join(["ssh", "-F", "none", "-i", str(private), *(f"-o {key}={value}" for key, value in options.items())])


def carry_over(machine: Machine, host: str, *, checksum: bool, timeout: float) -> dict[str, Any]:
    """What changed on the source since the bulk copy is in the live tree afterwards; with `checksum` also what only differs by content.

    What git rewrites in place is always compared by content.
    """
    if not HOST.match(host):
        raise Refused(f"{host!r} is not a host")
    live = efs.tree(machine, "live")
    public_key(machine)
    source, destination, shell = f"git@{host}:/", f"{live}/", remote_shell(machine, host)
    reports = [rsync.mirror(source, destination, shell=shell, checksum=checksum, timeout=timeout)]
    if not checksum:
        reports.append(rsync.mirror_rewritten(source, destination, shell=shell, timeout=timeout))
    changed = [path for report in reports for path in report.changed]
    deleted = [path for report in reports for path in report.deleted]
    return {
        "files": sum(report.transferred for report in reports),
        "bytes": sum(report.bytes for report in reports),
        "changed": len(changed),
        "deleted": len(deleted),
        "looked_at": reports[0].files,
        "paths": [*changed, *deleted][:PATHS_TOLD],
    }
