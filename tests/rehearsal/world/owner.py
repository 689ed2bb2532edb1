"""A component that owns a world with one machine, as the local AWS does. With OWNER=hangs it never becomes healthy."""

from __future__ import annotations

import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from rehearsal.component import HEALTH
from rehearsal.settings import Settings
from rehearsal.world import World
from tests.rehearsal.world.lab import FakeAws, Lab


class _Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == HEALTH else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def main() -> None:
    settings = Settings.load(os.environ)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    aws = FakeAws()
    with World(settings, aws) as world:
        Lab(world, aws).launch("i-owned", "10.0.0.9", role="owned")
        if os.environ.get("OWNER") != "hangs":
            server = HTTPServer(("127.0.0.1", settings.aws_port), _Health)
            threading.Thread(target=server.serve_forever, daemon=True).start()
        ended.wait()


if __name__ == "__main__":
    main()
