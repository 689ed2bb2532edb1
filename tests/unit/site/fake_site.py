"""A site on loopback that returns the responses of a test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Request(BaseHTTPRequestHandler):
    """A request with its body."""

    body = b""


@dataclass
class Response:
    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


Responder = Callable[[str, str, Request], Response]


@contextmanager
def serving(respond: Responder) -> Iterator[str]:
    """Yield the URL of a server that returns the result of `respond` for each request (method, path)."""

    class Handler(Request):
        protocol_version = "HTTP/1.1"

        def _send(self) -> None:
            self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            response = respond(self.command, self.path, self)
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(response.body.encode())))
            self.end_headers()
            self.wfile.write(response.body.encode())

        do_GET = do_POST = do_DELETE = do_PATCH = do_PUT = _send  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://git.example.test:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
