"""Relays: a listener in one namespace, connections from another, bytes in between."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

Connect = Callable[[], Awaitable[socket.socket | None]]
"""Opens the other side of one connection; None refuses it."""
_CHUNK = 256 << 10


def open_listener(address: str, port: int) -> socket.socket:
    """Return a listening TCP socket of the calling thread's namespace. Raises OSError when the port is in use."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((address, port))
        server.listen(128)
        server.setblocking(False)
    except OSError:
        server.close()
        raise
    return server


def connect_to_host(port: int) -> Connect:
    """Return a function that connects to 127.0.0.1:port of the owner's own namespace."""

    async def connect() -> socket.socket:
        outer = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        return await _open_connection(outer, ("127.0.0.1", port))

    return connect


async def _open_connection(outer: socket.socket, address: tuple[str, int]) -> socket.socket:
    outer.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(outer, address)
    except BaseException:
        outer.close()
        raise
    return outer


def connect_through(make: Callable[[], socket.socket], target: Callable[[], tuple[str, int] | None]) -> Connect:
    """Return a function that connects to `target()` with a socket from `make`, which creates it in the namespace to connect from."""

    async def connect() -> socket.socket | None:
        loop = asyncio.get_running_loop()
        address = await loop.run_in_executor(None, target)
        if address is None:
            return None
        return await _open_connection(await loop.run_in_executor(None, make), address)

    return connect


async def serve(server: socket.socket, connect: Connect) -> None:
    """Accept and relay until cancelled. A connection whose other side cannot be opened is reset, not held."""
    loop = asyncio.get_running_loop()
    connections: set[asyncio.Task[None]] = set()
    try:
        while True:
            inner, _ = await loop.sock_accept(server)
            task = loop.create_task(_relay(inner, connect))
            connections.add(task)
            task.add_done_callback(connections.discard)
    finally:
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        server.close()


async def _relay(inner: socket.socket, connect: Connect) -> None:
    """Relay one connection until both directions have ended, or one breaks.

    Nothing waits for a socket any more when it is closed. Otherwise the event loop takes the next socket with the same number for one that
    it watches already, and that connection gets no byte.
    """
    with contextlib.closing(inner):
        inner.setblocking(False)
        try:
            outer = await connect()
            if outer is None:
                return
            with contextlib.closing(outer):
                for end in (inner, outer):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                async with asyncio.TaskGroup() as directions:
                    directions.create_task(_copy_stream(inner, outer))
                    directions.create_task(_copy_stream(outer, inner))
        except* OSError:
            pass  # both sides notice it: their connection is closed


async def _copy_stream(source: socket.socket, sink: socket.socket) -> None:
    """Copy until the source ends, then pass the end on: the other direction may still be busy."""
    loop = asyncio.get_running_loop()
    while data := await loop.sock_recv(source, _CHUNK):
        await loop.sock_sendall(sink, data)
    sink.shutdown(socket.SHUT_WR)
