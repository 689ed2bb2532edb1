"""The replica's access to the source's files: one public key of the application's user.

The key can only read the data root through rsync, and list what changed there (`cutover-delta`).
"""

from __future__ import annotations

import os
import re
import socket
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cutover_site.errors import NotConfigured, Refused
from cutover_site.files import data_roots
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.system import textfiles

KEY = re.compile(r"^ssh-ed25519 [A-Za-z0-9+/=]{60,80}( [A-Za-z0-9@._-]*)?$")
ADDRESS = re.compile(r"^[0-9a-fA-F.:]+$")
PROGRAM = "/opt/cutover/bin/cutover-delta"
MARK = "cutover-delta"
SSH_PORT = 22
"""of a source whose parameter `replication` names no other"""
CONNECT_SECONDS = 5.0
GREETING = b"SSH-"
"""RFC 4253, section 4.2"""


def render_key_line(key: str, address: str, folder: str) -> str:
    """Return the line of authorized_keys. Raises Refused for text that is not one plain ed25519 key."""
    if not KEY.match(key.strip()):
        raise Refused("--key is not one OpenSSH ed25519 public key")
    if address and not ADDRESS.match(address):
        raise Refused("--address is not an IP address")
    words = key.split()
    origin = f'from="{address}",' if address else ""
    return f'{origin}restrict,command="{PROGRAM} {folder}" {words[0]} {words[1]} {MARK}'


def remove_our_lines(text: str) -> list[str]:
    """Return the lines of authorized_keys that this tool did not write."""
    # A comment may have what str.splitlines takes for the end of a line.
    lines = text.removesuffix("\n").split("\n") if text else []
    return [line for line in lines if not line.endswith(f" {MARK}")]


def allow(machine: Machine, key: str, address: str = "") -> dict[str, Any]:
    """Let this key read, and no older key of ours. Return this machine's host key too, because the replica must accept no other."""
    data_roots.require_exposed(machine.layout)
    _rewrite(machine, [render_key_line(key, address, str(machine.layout.shared))])
    return {
        "user": machine.layout.application.owner.user,
        "port": int(machine.replication.get("source_app_ssh_port", SSH_PORT)),
        "host_key": read_host_key(machine),
        "address": _find_own_address(machine, address),
    }


def _find_own_address(machine: Machine, peer: str) -> str:
    """Return the address at which the replica `peer` finds this machine, for the evidence.

    EC2 names that of an instance. A hybrid node uses the one that its routes to the replica begin with; empty where there is no route, or no peer is given.
    """
    if not (machine.named_node and machine.node.is_hybrid):
        return machine.metadata.read_private_address()
    if not peer:
        return ""
    family = socket.AF_INET6 if ":" in peer else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((peer, 22))  # sends nothing
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def find_server_problem(machine: Machine) -> str:
    """Return why a replica could not read the delta from the SSH server of this machine; empty when the server responds.

    The parameter `replication` names its address for a server outside of EC2, and its port where it is not 22.
    """
    port = int(machine.replication.get("source_app_ssh_port", SSH_PORT))
    address = str(machine.replication.get("source_app_address") or machine.metadata.read_private_address())
    try:
        with socket.create_connection((address, port), timeout=CONNECT_SECONDS) as connection:
            connection.settimeout(CONNECT_SECONDS)
            greeting = connection.recv(len(GREETING))
    except OSError as error:
        return f"no SSH server responds at {address}:{port}: {error}"
    return "" if greeting == GREETING else f"what responds at {address}:{port} is no SSH server"


def deny(machine: Machine) -> dict[str, Any]:
    """Remove our key."""
    _rewrite(machine, [])
    return {"allowed": False}


def read_host_key(machine: Machine) -> str:
    """Return this machine's public ed25519 host key. Raises NotConfigured."""
    path = machine.layout.root / "etc/ssh/ssh_host_ed25519_key.pub"
    try:
        return " ".join(path.read_text().split()[:2])
    except OSError as error:
        raise NotConfigured(f"{path} cannot be read: {error}", next_action="install openssh-server") from error


def remove_key(layout: Layout) -> None:
    """Remove our key if it is there, and change nothing else."""
    path = (layout.home / ".ssh/authorized_keys").resolve()
    if _is_of_another_user(path, layout):  # `allow` has refused it
        return
    text = _read_text(path)
    if MARK in text:
        status = path.stat()
        owner = (status.st_uid, status.st_gid) if os.geteuid() == 0 else None
        _write_lines(path, remove_our_lines(text), mode=stat.S_IMODE(status.st_mode), owner=owner)


def _rewrite(machine: Machine, lines: list[str]) -> None:
    folder = machine.layout.home / ".ssh"
    folder.mkdir(mode=0o700, exist_ok=True)
    # Its administrator may keep it in another folder, behind a symbolic link.
    path = (folder / "authorized_keys").resolve()
    if _is_of_another_user(path, machine.layout):
        raise Refused(
            f"{folder}/authorized_keys leads to {path}, which belongs to another user",
            next_action=f"make it a file of the user {machine.layout.application.owner.user}",
        )
    owner = machine.layout.application.owner.ids if machine.layout.root.samefile("/") else None
    if owner:
        os.chown(folder, *owner)
    _write_lines(path, [*remove_our_lines(_read_text(path)), *lines], mode=0o600, owner=owner)


def _is_of_another_user(path: Path, layout: Layout) -> bool:
    """Return whether a symbolic link leads to a file of another user than the home: its user can let a link lead to any file of the machine."""
    is_linked = path != layout.home.resolve() / ".ssh/authorized_keys"
    found = next((one for one in (path, path.parent) if one.exists()), None)
    return is_linked and found is not None and found.stat().st_uid != layout.home.stat().st_uid


def _read_text(path: Path) -> str:
    """Return the text of authorized_keys; empty when there is none. A comment may have bytes that are not UTF-8."""
    return path.read_bytes().decode(errors="surrogateescape") if path.is_file() else ""


def _write_lines(path: Path, lines: Sequence[str], *, mode: int, owner: tuple[int, int] | None) -> None:
    content = "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")
    textfiles.replace_bytes(path, content, mode=mode, owner=owner)
