"""The wait for an HTTP server: the status of its response counts, not an open port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from rehearsal.checkpoint.wait_for_http import main


class Recovers(BaseHTTPRequestHandler):
    """Return 503 to the first two requests of /health and 200 to later ones; return 503 for every other path."""

    health_requests = 0

    def do_GET(self) -> None:
        Recovers.health_requests += self.path == "/health"
        self.send_response(200 if self.path == "/health" and Recovers.health_requests > 2 else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    Recovers.health_requests = 0
    server = HTTPServer(("127.0.0.1", 0), Recovers)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_wait_ends_with_the_first_successful_response(url: str) -> None:
    assert main(10, [f"{url}/health"]) == 0
    assert Recovers.health_requests == 3


def test_a_wait_that_times_out_reports_the_last_response(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(0.3, [f"{url}/broken"]) == 1
    assert "HTTP Error 503" in capsys.readouterr().err


@pytest.mark.parametrize("order", ["health|broken", "broken|health"])
def test_one_of_two_alternatives_must_respond(url: str, order: str) -> None:
    assert main(10, ["|".join(f"{url}/{name}" for name in order.split("|"))]) == 0
    assert Recovers.health_requests == 3
