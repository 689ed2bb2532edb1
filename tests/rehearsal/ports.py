"""Ports for the servers of a test. They do not collide with what an interrupted run left."""

from __future__ import annotations

import contextlib
import socket

from rehearsal.world import namespaces


def find_free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def find_free_ports() -> int:
    """Return the first of four consecutive free ports for which no network namespace of a world exists.

    The namespaces of a killed run remain when its ports are free again.
    """
    for port in range(21000, 60000, 10):
        if namespaces.list_existing(f"cutover-{port}-"):
            continue
        with contextlib.ExitStack() as sockets:
            try:
                for number in range(4):
                    sockets.enter_context(socket.socket()).bind(("127.0.0.1", port + number))
            except OSError:
                continue
        return port
    raise AssertionError("no four consecutive ports are free")
