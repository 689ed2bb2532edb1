"""A connection through a relay never depends on how another one ended."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator

import pytest

from rehearsal.world import relay

RESET_AT_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER with a time of zero: the kernel resets the connection instead of ending it (socket(7))"""
LIMIT = 5.0


class Echo:
    """A server that returns what it gets, with a relay before it. Both on one event loop, as in the owner of a world."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._server = self.loop.run_until_complete(asyncio.start_server(self._handle, "127.0.0.1", 0))
        port = self._server.sockets[0].getsockname()[1]
        listener = relay.open_listener("127.0.0.1", 0)
        self.address = listener.getsockname()
        self._relay = self.loop.create_task(relay.serve(listener, relay.connect_to_host(port)))

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            while data := await reader.read(100):
                writer.write(data)

    async def send(self, client: socket.socket, text: bytes) -> bytes:
        await self.loop.sock_sendall(client, text)
        return await asyncio.wait_for(self.loop.sock_recv(client, 100), LIMIT)

    async def connect(self) -> socket.socket:
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        client.setblocking(False)
        await self.loop.sock_connect(client, self.address)
        return client

    def close(self) -> None:
        self.loop.run_until_complete(self._end())
        self.loop.close()

    async def _end(self) -> None:
        """End the relay, then the server. Its connections end with those of the relay."""
        self._relay.cancel()
        await asyncio.wait([self._relay])
        self._server.close()
        await _wait_for_tasks(1)


async def _wait_for_tasks(number: int) -> None:
    """Wait until no more than this number of tasks is left."""
    async with asyncio.timeout(LIMIT):
        while len(asyncio.all_tasks()) > number:
            await asyncio.sleep(0.01)


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


def test_bytes_pass_in_both_directions(echo: Echo) -> None:
    async def exchange() -> bytes:
        with await echo.connect() as client:
            return await echo.send(client, b"once")

    assert echo.loop.run_until_complete(exchange()) == b"once"


def test_a_connection_after_one_that_was_reset_is_relayed(echo: Echo) -> None:
    """The new connections get the numbers of the closed sockets, which the event loop must not watch any more."""

    async def reset_one_then_use_others() -> list[bytes]:
        with await echo.connect() as first:
            await echo.send(first, b"first")
            first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        await asyncio.sleep(0)
        found = []
        for number in range(4):
            with await echo.connect() as client:
                found.append(await echo.send(client, b"%d" % number))
        return found

    assert echo.loop.run_until_complete(reset_one_then_use_others()) == [b"0", b"1", b"2", b"3"]


def test_the_tasks_of_a_reset_connection_end(echo: Echo) -> None:
    async def reset_one_and_count() -> int:
        before = len(asyncio.all_tasks())
        with await echo.connect() as first:
            await echo.send(first, b"first")
            first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        await _wait_for_tasks(before)
        return before

    assert echo.loop.run_until_complete(reset_one_and_count())
