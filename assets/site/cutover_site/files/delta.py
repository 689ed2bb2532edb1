"""Copy file changes from the source into the live tree by rsync over SSH, with a key that can only read."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cutover_site.errors import CommandFailed, NotConfigured, Refused
from cutover_site.files import efs, rsync
from cutover_site.files.changes import ChangedPaths, ClockWasSet, Moment, parse_listing
from cutover_site.files.delta_access import SSH_PORT
from cutover_site.files.listing import PreparedListing, Source, prepare_listing, request_listing
from cutover_site.files.names import shorten
from cutover_site.files.rsync_report import RsyncReport
from cutover_site.machine import Machine
from cutover_site.system import textfiles
from cutover_site.system.commands import run

HOST = re.compile(r"^[A-Za-z0-9.:-]+$")
FOLDER = Path("run/cutover")
HOST_KEY = Path("etc/cutover/source_host_key.pub")
"""written by Ansible on the source; a launched replica has it because its disk is a copy"""
COPIED_CHANGES = "changes"
"""file that keeps what was copied, for the digests that follow: the moment, a line break, the source's listing"""
CONNECTION_UNIT = "cutover-delta-link.service"
MAX_PATHS = 20
"""paths in a result"""


def ensure_public_key(machine: Machine) -> str:
    """Return the public key of this replica's key pair. The first call creates the pair, in memory (/run) only."""
    private = machine.layout.root / FOLDER / "delta_key"
    if not private.exists():
        private.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "cutover-delta", "-f", str(private))
    return private.with_suffix(".pub").read_text().strip()


def build_ssh_command(machine: Machine, host: str) -> str:
    """Return the ssh command with this replica's key, which accepts only the source's host key. Raises NotConfigured when that is not known.

    The parameter `replication` names the port of the source's SSH server where it is not 22.
    """
    port = int(machine.replication.get("source_app_ssh_port", SSH_PORT))
    known = machine.layout.root / FOLDER / "known_hosts"
    try:
        host_key = (machine.layout.root / HOST_KEY).read_text().strip()
    except OSError as error:
        raise NotConfigured(
            f"the source's host key is not on this disk ({error})",
            next_action=f"run {machine.layout.application.playbook} on the source again",
        ) from error
    # sshd(8): the form of known_hosts with brackets is only for other ports than 22.
    textfiles.replace(known, f"{host if port == SSH_PORT else f'[{host}]:{port}'} {host_key}\n")
    private = machine.layout.root / FOLDER / "delta_key"
    options = {
        "Port": str(port),
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


def open_shared_connection(machine: Machine, host: str) -> None:
    """Open an SSH connection to the source that later commands share, so that they need no handshake in the window.

    Without it, or after it has broken, each command opens its own connection. It ends with the replica.
    """
    shell = build_ssh_command(machine, check_host(host))
    run("systemctl", "stop", CONNECTION_UNIT, accept=(0, 5))  # 5: the unit is not loaded
    run(
        "systemd-run",
        "--quiet",
        "--collect",
        f"--unit={CONNECTION_UNIT}",
        *shlex.split(shell),
        "-M",
        "-N",
        format_user_at_host(machine, host),
    )


def format_user_at_host(machine: Machine, host: str) -> str:
    """Return USER@HOST of the application's user on the source."""
    return f"{machine.layout.application.owner.user}@{host}"


def check_host(host: str) -> str:
    """Return `host`. Raises Refused for text that is neither a host name nor an address."""
    if not HOST.match(host):
        raise Refused(f"{host!r} is not a host")
    return host


@contextmanager
def prepare(machine: Machine, host: str, since: str) -> Iterator[PreparedListing | None]:
    """Start what `copy_changes` needs from the source, so that nobody waits for its start. Without a moment there is nothing to start."""
    if not since:
        yield None
        return
    source = _get_source(machine, host, build_ssh_command(machine, check_host(host)))
    with prepare_listing(source, Moment.parse(since)) as prepared:
        yield prepared


def copy_changes(
    machine: Machine,
    host: str,
    *,
    since: str,
    checksum: bool,
    timeout: float,
    prepared: PreparedListing | None = None,
) -> dict[str, Any]:
    """Copy what changed on the source since the bulk copy into the live tree. Return numbers and the first paths.

    `since`: a moment of the source at which the trees were equal. Then only the paths that changed after it are compared, files by content.
    Without it both trees are walked by size and time, and files that git rewrites in place are compared by content; with `checksum`, all
    files are. `prepared`: what `prepare` has started for this moment.
    """
    shell = build_ssh_command(machine, check_host(host))
    ensure_public_key(machine)
    rules = machine.layout.application.files
    source, destination = f"{format_user_at_host(machine, host)}:/", f"{efs.mount_tree(machine, 'live')}/"
    # sessions are in no other copy, and users wait
    with _name_host_in_failure(host), ThreadPoolExecutor(1) as pool:
        copied_sessions = pool.submit(rsync.mirror_sessions, rules, source, destination, shell=shell, timeout=timeout)
        found = (
            _request_and_keep_changes(machine, _get_source(machine, host, shell), since, prepared) if since else None
        )
        if found is not None:
            reports = rsync.mirror_changes(rules, source, destination, found, shell=shell, timeout=timeout)
        else:
            reports = [rsync.mirror(rules, source, destination, shell=shell, checksum=checksum, timeout=timeout)]
            if not checksum:
                reports.append(rsync.mirror_rewritten(rules, source, destination, shell=shell, timeout=timeout))
        sessions = copied_sessions.result()
    return {**_describe_reports(reports), "sessions": len(sessions.changed), "whole": found is None}


def _describe_reports(reports: list[RsyncReport]) -> dict[str, Any]:
    """Return the numbers of all runs of rsync together, and the first paths."""
    changed = [path for report in reports for path in report.changed]
    deleted = [path for report in reports for path in report.deleted]
    return {
        "files": sum(report.transferred for report in reports),
        "bytes": sum(report.bytes for report in reports),
        "changed": len(changed),
        "deleted": len(deleted),
        "looked_at": reports[0].files if reports else 0,
        "paths": [shorten(path) for path in [*changed, *deleted][:MAX_PATHS]],
    }


def _request_and_keep_changes(
    machine: Machine, source: Source, since: str, prepared: PreparedListing | None
) -> ChangedPaths | None:
    """Return what the source lists, and keep it for `read_copied_changes`; None when the source's clock was set."""
    kept = machine.layout.root / FOLDER / COPIED_CHANGES
    try:
        listing = prepared.request() if prepared else request_listing(source, Moment.parse(since))
    except ClockWasSet:
        kept.unlink(missing_ok=True)
        return None
    kept.write_bytes(f"{since}\n".encode() + listing)
    return parse_listing(listing)


def request_changes(machine: Machine, host: str, shell: str, moment: Moment) -> ChangedPaths:
    """Return what the source lists as changed. Raises ClockWasSet, CommandFailed."""
    with _name_host_in_failure(host):
        return parse_listing(request_listing(_get_source(machine, host, shell), moment))


def _get_source(machine: Machine, host: str, shell: str) -> Source:
    """Return how to run the permitted program of the source at this host."""
    return Source(shell, format_user_at_host(machine, host))


@contextmanager
def _name_host_in_failure(host: str) -> Iterator[None]:
    """Name the source's host in the reason of a program that fails in the block: the shortened command of rsync or ssh does not show it."""
    try:
        yield
    except CommandFailed as error:
        raise CommandFailed(f"copy from {host}: {error.reason}", next_action=error.next_action) from error


def read_copied_changes(machine: Machine, since: str) -> ChangedPaths | None:
    """Return the changes that `copy_changes` with the same `since` has copied; None when it walked both trees."""
    try:
        moment, listing = (machine.layout.root / FOLDER / COPIED_CHANGES).read_bytes().split(b"\n", 1)
    except FileNotFoundError:
        return None
    return parse_listing(listing) if moment.decode() == since else None
