"""The local AWS with TLS: a client that trusts the rehearsal's authority reaches it under AWS's own names."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from rehearsal.world import relay, tls_front
from rehearsal.world.authority import Authority

HOST = "mgn.us-east-1.amazonaws.com"
LONG = "aws-application-migration-service-hashes-us-east-1.s3.us-east-1.amazonaws.com"
CONTENT = b"x" * (3 << 20)


class Api(BaseHTTPRequestHandler):
    """Returns the host name that it was called by, and much content."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("X-Host", self.headers["Host"])
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""


@pytest.fixture
def api() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "cache")


@contextmanager
def front(authority: Authority, folder: Path, port: int) -> Iterator[int]:
    """Serve on a free port of loopback."""
    context = tls_front.load_server_context(*authority.issue_certificate(HOST, [LONG]), folder)
    server = relay.open_listener("127.0.0.1", 0)
    listening = server.getsockname()[1]
    stop = Event()

    async def until_stopped() -> None:
        task = asyncio.ensure_future(tls_front.serve(server, context, port))
        await asyncio.to_thread(stop.wait)
        task.cancel()

    thread = Thread(target=asyncio.run, args=(until_stopped(),))
    thread.start()
    try:
        yield listening
    finally:
        stop.set()
        thread.join()


def get(port: int, host: str, trusted: Authority | None) -> tuple[str, bytes]:
    """Send one request under a host name. Return the name that the API received, and the content."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=trusted.certificate.decode()) if trusted else context.load_default_certs()

    async def exchange() -> tuple[str, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=host)
        writer.write(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        named = next(line for line in head.decode().splitlines() if line.startswith("X-Host: "))
        return named.removeprefix("X-Host: "), body

    return asyncio.run(asyncio.wait_for(exchange(), 20))


@pytest.mark.parametrize("host", [HOST, LONG])
def test_a_client_that_trusts_the_authority_gets_the_whole_response(
    host: str, api: int, authority: Authority, tmp_path: Path
) -> None:
    with front(authority, tmp_path, api) as port:
        named, body = get(port, host, authority)
    assert named == host
    assert body == CONTENT


def test_a_client_without_the_authority_refuses_the_certificate(api: int, authority: Authority, tmp_path: Path) -> None:
    with front(authority, tmp_path, api) as port, pytest.raises(ssl.SSLCertVerificationError):
        get(port, HOST, None)


def test_another_host_name_is_refused_by_the_client(api: int, authority: Authority, tmp_path: Path) -> None:
    with front(authority, tmp_path, api) as port, pytest.raises(ssl.SSLCertVerificationError):
        get(port, "ec2.us-east-1.amazonaws.com", authority)


def test_the_key_is_in_no_file(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    tls_front.load_server_context(*authority.issue_certificate(HOST, []), tmp_path / "scratch")
    assert list((tmp_path / "scratch").iterdir()) == []
