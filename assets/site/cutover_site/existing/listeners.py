"""Who listens at the machine's ports and sockets: /proc/net/tcp, tcp6 and unix, and the open files of each process (proc(5))."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cutover_site.existing.host import Host
from cutover_site.existing.running import read_program, read_unit

LISTENING = "0A"
ACCEPTING = 0x10000
"""flag of a listening socket in /proc/net/unix"""
_INODE = re.compile(r"socket:\[(\d+)\]")


@dataclass(frozen=True)
class Listener:
    """A TCP port (`address` is an IP address) or a Unix socket (`address` is its path, `port` is 0) and the program behind it."""

    address: str
    port: int
    program: str
    """name of the program; empty when no process could be found"""
    unit: str
    pid: int

    def __str__(self) -> str:
        """Return who listens, for messages."""
        return f"{self.program or 'a program that cannot be read'}{f' ({self.unit})' if self.unit else ''}"


def find_listeners(host: Host) -> list[Listener]:
    """Return all listeners, by port."""
    holders = _find_holders(host)
    found = []
    for address, port, inode in (*_list_tcp(host), *_list_unix(host)):
        pid = holders.get(inode, 0)
        program, unit = (read_program(host, pid), read_unit(host, pid)) if pid else ("", "")
        found.append(Listener(address, port, program, unit, pid))
    return sorted(found, key=lambda one: (one.port, one.address))


def select_port(listeners: Iterable[Listener], port: int) -> list[Listener]:
    """Return those that listen at a TCP port, whatever the address."""
    return [one for one in listeners if one.port == port and port]


def _list_tcp(host: Host) -> Iterator[tuple[str, int, str]]:
    for name in ("tcp", "tcp6"):
        for line in host.read(f"proc/net/{name}").splitlines()[1:]:
            fields = line.split()
            if len(fields) > 9 and fields[3] == LISTENING:
                address, _, port = fields[1].partition(":")
                yield _decode_address(address), int(port, 16), fields[9]


def _decode_address(text: str) -> str:
    """Return an address of /proc/net, which has its 32-bit words in the byte order of the machine."""
    raw = bytes.fromhex(text)
    words = [raw[place : place + 4][::-1] for place in range(0, len(raw), 4)]
    return str(ipaddress.ip_address(b"".join(words)))


def _list_unix(host: Host) -> Iterator[tuple[str, int, str]]:
    for line in host.read("proc/net/unix").splitlines()[1:]:
        fields = line.split(maxsplit=7)
        if len(fields) == 8 and int(fields[3], 16) & ACCEPTING and fields[7].startswith("/"):
            yield fields[7], 0, fields[6]


def _find_holders(host: Host) -> dict[str, int]:
    """Return the process of each socket. Of several that share one, the parent, which has the lowest id."""
    found: dict[str, int] = {}
    try:
        pids = sorted(int(folder.name) for folder in host.find("proc").iterdir() if folder.name.isdigit())
    except OSError:
        return found
    for pid in pids:
        try:
            names = list(host.find(f"proc/{pid}/fd").iterdir())
        except OSError:
            continue  # it ended, or belongs to somebody else
        for name in names:
            try:
                socket = _INODE.fullmatch(os.readlink(name))  # noqa: PTH115  a Path would change the text
            except OSError:
                continue
            if socket:
                found.setdefault(socket[1], pid)
    return found
