"""The local AWS at AWS's own host names: TLS on a public address, with a certificate of the rehearsal's authority.

Programs that know only the published names (`mgn.us-east-1.amazonaws.com`) reach it as they reach AWS from a VPC with a
private endpoint and a private authority. What they send passes security groups and routes, other than on the relays.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import tempfile
from pathlib import Path

PORT = 443
_CHUNK = 256 << 10


def load_server_context(chain: bytes, key: bytes, scratch: Path) -> ssl.SSLContext:
    """Return the context of a server with this certificate. Python reads it from a file only, which is removed at once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    handle, name = tempfile.mkstemp(dir=scratch)  # mode 600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(chain + key)
        context.load_cert_chain(name)
    finally:
        Path(name).unlink()
    return context


async def serve(server: socket.socket, context: ssl.SSLContext, port: int) -> None:
    """Accept TLS until cancelled, and pass what it contains on to 127.0.0.1:port of the owner's own namespace."""
    connections: set[asyncio.Task[None]] = set()

    def handle_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(_pass_on(reader, writer, port))
        connections.add(task)
        task.add_done_callback(connections.discard)

    listener = await asyncio.start_server(handle_connection, sock=server, ssl=context)
    try:
        async with listener:
            await listener.serve_forever()
    finally:
        for task in connections:
            task.cancel()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Relay one connection. It ends for both sides when one of them ends it, or breaks."""
    with contextlib.suppress(OSError), contextlib.closing(writer):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.closing(inner_writer):
            ways = [
                asyncio.ensure_future(_copy_stream(*way)) for way in ((reader, inner_writer), (inner_reader, writer))
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()


async def _copy_stream(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Copy until the source ends. A connection that breaks ends quietly: its client notices it."""
    with contextlib.suppress(OSError):
        while data := await source.read(_CHUNK):
            sink.write(data)
            await sink.drain()
