"""The last file changes, from the source's folders into the live tree, over the private link, with a key that can only read."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

from cutover_site.errors import NotConfigured, Refused
from cutover_site.files import efs, rsync
from cutover_site.files.changes import CLOCK_WAS_SET, Changes, ClockWasSet, Moment, parse
from cutover_site.files.names import shorten
from cutover_site.machine import Machine
from cutover_site.system import textfiles
from cutover_site.system.commands import run

HOST = re.compile(r"^[A-Za-z0-9.:-]+$")
FOLDER = Path("run/cutover")
HOST_KEY = Path("etc/cutover/source_host_key.pub")
"""written on the source by Ansible; a launched replica has it because its disk is a copy"""
CHANGES = "changes"
"""what `_changes` learnt, for the digests that follow: the moment, a line break, the source's listing"""
LINK = "cutover-delta-link.service"
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
            f"the source's host key is not on this disk ({error})",
            next_action=f"run {machine.layout.application.playbook} on the source again",
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
        "ControlPath": str(machine.layout.root / FOLDER / "delta.sock"),
        "ServerAliveInterval": "10",
    }
    return " ".join(["ssh", "-F", "none", "-i", str(private), *(f"-o {key}={value}" for key, value in options.items())])


def link(machine: Machine, host: str) -> None:
    """Opens a connection that those of the delta share, so that none of them has to greet the source in the window. Where it is not there, or
    has broken, each makes its own. It ends with the replica.
    """
    shell = remote_shell(machine, checked_host(host))
    run("systemctl", "stop", LINK, accept=(0, 5))  # 5: there is none
    run("systemd-run", "--quiet", "--collect", f"--unit={LINK}", *shlex.split(shell), "-M", "-N", login(machine, host))


def login(machine: Machine, host: str) -> str:
    """Return USER@HOST of the application's user on the source."""
    return f"{machine.layout.application.owner.user}@{host}"


def checked_host(host: str) -> str:
    """Raises Refused for anything that is no name or address."""
    if not HOST.match(host):
        raise Refused(f"{host!r} is not a host")
    return host


def carry_over(machine: Machine, host: str, *, since: str, checksum: bool, timeout: float) -> dict[str, Any]:
    """What changed on the source since the bulk copy is in the live tree afterwards; with `checksum` also what only differs by content.

    `since`: a moment of the source after which the trees were equal but for what changed. Then only that is looked at, files by content.
    Else both trees are walked, and what git rewrites in place is compared by content.
    """
    shell = remote_shell(machine, checked_host(host))
    public_key(machine)
    rules = machine.layout.application.files
    source, destination = f"{login(machine, host)}:/", f"{efs.tree(machine, 'live')}/"
    found = _changes(machine, host, shell, since) if since else None
    if found is not None:
        reports = rsync.mirror_changes(rules, source, destination, found, shell=shell, timeout=timeout)
    else:
        reports = [rsync.mirror(rules, source, destination, shell=shell, checksum=checksum, timeout=timeout)]
        if not checksum:
            reports.append(rsync.mirror_rewritten(rules, source, destination, shell=shell, timeout=timeout))
    changed = [path for report in reports for path in report.changed]
    deleted = [path for report in reports for path in report.deleted]
    return {
        "files": sum(report.transferred for report in reports),
        "bytes": sum(report.bytes for report in reports),
        "changed": len(changed),
        "deleted": len(deleted),
        "looked_at": reports[0].files if reports else 0,
        "whole": found is None,
        "paths": [shorten(path) for path in [*changed, *deleted][:PATHS_TOLD]],
    }


def _changes(machine: Machine, host: str, shell: str, since: str) -> Changes | None:
    """What the source lists; None when it cannot tell. Kept for `known_changes`."""
    kept = machine.layout.root / FOLDER / CHANGES
    try:
        listing = _listing(machine, host, shell, Moment.parse(since))
    except ClockWasSet:
        kept.unlink(missing_ok=True)
        return None
    kept.write_bytes(f"{since}\n".encode() + listing)
    return parse(listing)


def ask_changes(machine: Machine, host: str, shell: str, moment: Moment) -> Changes:
    """Return what the source lists as changed. Raises ClockWasSet, CommandFailed."""
    return parse(_listing(machine, host, shell, moment))


def _listing(machine: Machine, host: str, shell: str, moment: Moment) -> bytes:
    asked = run(*shlex.split(shell), login(machine, host), f"changes {moment}", timeout=600, accept=(0, CLOCK_WAS_SET))
    if asked.returncode == CLOCK_WAS_SET:
        raise ClockWasSet(
            "the source's clock was set, or it was restarted, since the files were compared",
            next_action="deploy again",
        )
    return asked.stdout


def known_changes(machine: Machine, since: str) -> Changes | None:
    """What the delta with the same `since` has carried over; None when it walked both trees."""
    try:
        moment, listing = (machine.layout.root / FOLDER / CHANGES).read_bytes().split(b"\n", 1)
    except FileNotFoundError:
        return None
    return parse(listing) if moment.decode() == since else None
