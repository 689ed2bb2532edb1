"""A server in place of Gogs behind the proxy. It responds to every request, records it, and can delay or fail."""

from __future__ import annotations

import socketserver
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND")


class _Quiet:
    def handle_error(self, request: object, address: object) -> None:
        """Ignore the connections that the proxy resets in health checks and when it cuts sessions."""


class Upstream:
    """HTTP and SSH on their own ports. Requests for `slow_paths` wait until `release` is set.

    With `certificate`, a PEM file with certificate and key, HTTP uses TLS, and `requested_names` lists the names
    that clients sent (SNI).
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.reached: list[str] = []
        self.headers: list[dict[str, str]] = []
        """of each request, with names in lower case"""
        self.received: list[int] = []
        """the length of the body of each request but those of the health check"""
        self.requested_names: list[str | None] = []
        self.slow_paths = {"/slow"}
        self.database = "OK"
        self.status = 200
        self.arrived, self.release = threading.Event(), threading.Event()
        upstream = self

        class Http(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def read_body(self) -> int:
                """Read the whole body. Return its length."""
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return len(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
                size = 0
                while length := int(self.rfile.readline(), 16):
                    size += len(self.rfile.read(length))
                    self.rfile.readline()
                self.rfile.readline()
                return size

            def respond(self) -> None:
                size = self.read_body()
                body = b"yes"
                if self.path == "/healthcheck":
                    body = f"* Database connection: {upstream.database}\n".encode()
                else:
                    upstream.reached.append(f"{self.command} {self.path}")
                    upstream.received.append(size)
                    upstream.headers.append({name.lower(): value for name, value in self.headers.items()})
                if self.path in upstream.slow_paths:
                    upstream.arrived.set()
                    upstream.release.wait(20)
                self.send_response(200 if self.path == "/healthcheck" else upstream.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(b"" if self.command == "HEAD" else body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Log nothing."""

        for method in METHODS:
            setattr(Http, f"do_{method}", Http.respond)

        class Ssh(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                self.request.sendall(b"SSH-2.0-upstream\r\n")
                upstream.arrived.set()
                self.request.recv(1)

        class HttpServer(_Quiet, ThreadingHTTPServer):
            daemon_threads = True
            # With Python's default of 5 the kernel drops connections that arrive together, and repeats them late.
            request_queue_size = 1024

        class SshServer(_Quiet, socketserver.ThreadingTCPServer):
            daemon_threads = True

        self._http = HttpServer(("127.0.0.1", 0), Http)
        self._ssh = SshServer(("127.0.0.1", 0), Ssh)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            context.sni_callback = lambda _socket, name, _context: self.requested_names.append(name)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        for server in (self._http, self._ssh):
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def http(self) -> str:
        return f"127.0.0.1:{self._http.server_address[1]}"

    @property
    def ssh(self) -> str:
        return f"127.0.0.1:{self._ssh.server_address[1]}"

    def release_after(self, seconds: float) -> None:
        """Set `release` later."""
        threading.Timer(seconds, self.release.set).start()

    def reset(self) -> None:
        self.reached.clear()
        self.headers.clear()
        self.received.clear()
        self.status = 200
        self.release.set()  # ends a request that an earlier test left waiting
        self.arrived, self.release = threading.Event(), threading.Event()

    def close(self) -> None:
        self.release.set()
        for server in (self._http, self._ssh):
            server.shutdown()
            server.server_close()
