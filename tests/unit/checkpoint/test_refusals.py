"""A checkpoint or reset that is not possible raises one sentence with the next action."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from rehearsal.checkpoint import reset, save_checkpoint
from rehearsal.checkpoint.context import wait_until
from rehearsal.cli import main
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings


class HealthyServer(BaseHTTPRequestHandler):
    """A local AWS that reports health and has no other API."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Settings]:
    server = HTTPServer(("127.0.0.1", 0), HealthyServer)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield Settings(server.server_port, tmp_path, tmp_path / "cache")
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_reset_without_a_checkpoint_is_rejected(world: Settings) -> None:
    with pytest.raises(
        RehearsalError, match=r"no checkpoint of this world: `python -m rehearsal checkpoint` keeps one\."
    ):
        reset(world, lambda _: None)


def test_a_checkpoint_of_a_world_without_settings_is_rejected_and_leaves_nothing(world: Settings) -> None:
    world.pool.mkdir()
    with pytest.raises(RehearsalError, match=r"has no migration\.toml yet"):
        save_checkpoint(world, lambda _: None)
    assert list(world.pool.iterdir()) == []


@pytest.mark.parametrize("act", [save_checkpoint, reset])
def test_a_checkpoint_or_reset_without_a_running_world_is_rejected(act: type, tmp_path: Path) -> None:
    with pytest.raises(RehearsalError, match=r"no world runs at http://127\.0\.0\.1:1024: `python -m rehearsal up`"):
        act(Settings(1024, tmp_path, tmp_path), lambda _: None)


def test_the_command_line_prints_one_error_and_exits_with_status_1(
    world: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REHEARSAL_PORT", str(world.port))
    monkeypatch.setenv("REHEARSAL_HOME", str(world.home))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert main(["reset"]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 1
    assert errors[0].startswith("rehearsal: there is no checkpoint")


def test_a_wait_that_times_out_reports_the_last_state() -> None:
    states = iter(["i-1 is initial", "i-1 is unhealthy"])
    with pytest.raises(RehearsalError, match="health of all targets was not reached within 0 s: i-1 is unhealthy"):
        wait_until(lambda: next(states, "i-1 is unhealthy"), "the health of all targets", 0.05)
    wait_until(iter(["wait", ""]).__next__, "this", 5)
