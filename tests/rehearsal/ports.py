"""Ports for servers of a test, so that what an interrupted run left behind is in nobody's way."""

from __future__ import annotations

import socket


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def free_ports() -> int:
    """The first of four free ports in a row."""
    for port in range(21000, 60000, 10):
        sockets = [socket.socket() for _ in range(4)]
        try:
            for number, one in enumerate(sockets):
                one.bind(("127.0.0.1", port + number))
        except OSError:
            continue
        else:
            return port
        finally:
            for one in sockets:
                one.close()
    raise AssertionError("no four free ports in a row")
