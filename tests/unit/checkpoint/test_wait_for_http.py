"""Whether somebody serves: by the answer, not by the port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from rehearsal.checkpoint.wait_for_http import main


class Recovers(BaseHTTPRequestHandler):
    """503 to the first two of /health, then 200; 503 for ever to everybody else."""

    asked = 0

    def do_GET(self) -> None:
        Recovers.asked += self.path == "/health"
        self.send_response(200 if self.path == "/health" and Recovers.asked > 2 else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def url() -> Iterator[str]:
    Recovers.asked = 0
    server = HTTPServer(("127.0.0.1", 0), Recovers)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_waits_until_the_answer_is_good(url: str) -> None:
    assert main(10, [f"{url}/health"]) == 0
    assert Recovers.asked == 3


def test_it_gives_up_with_what_was_said(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(0.3, [f"{url}/broken"]) == 1
    assert "HTTP Error 503" in capsys.readouterr().err
