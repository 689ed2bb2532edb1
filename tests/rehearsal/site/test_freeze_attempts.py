"""A freeze in attempts, and everything that can end it, with a real proxy that holds writes."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest
from cutover_site.errors import Refused
from cutover_site.freeze import switch
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.freeze.attempts import AttemptLimits
from cutover_site.freeze.state import FreezeState
from cutover_site.proxy.idle import IDLE_SECONDS

from tests.rehearsal.site.background import Background, send, wait_until_held
from tests.rehearsal.site.front import Front
from tests.rehearsal.site.source_server import RUN, build_server
from tests.rehearsal.site.upstream import Upstream
from tests.waiting import wait_until

pytestmark = pytest.mark.rehearsal
ATTEMPTS = "cutover_site.freeze.attempts"


@pytest.fixture
def server(front: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ApplicationServer:
    monkeypatch.setattr(f"{ATTEMPTS}.FIRST_PAUSE_SECONDS", 2)
    return build_server(front, tmp_path / "machine", monkeypatch)


def test_a_long_write_survives_and_held_writes_go_on_between_two_attempts(
    server: ApplicationServer, front: Front, upstream: Upstream
) -> None:
    push = send(front, "POST", "/slow")
    assert upstream.arrived.wait(10)
    freeze = Background(lambda: server.stop_source_writes(RUN, 600, AttemptLimits(attempt_seconds=1.0)))
    wait_until(lambda: front.modes.read_stored() == "frozen", "the first attempt", interval_seconds=0.02)
    held = send(front, "POST", "/held")

    assert held.end() == 200  # at the source, when the attempt has failed
    assert held.seconds < 3
    assert push.is_running
    upstream.release.set()

    result = freeze.end()
    assert push.end() == 200
    assert result["cut"] == 0
    assert result["held"] >= 1
    assert len(result["attempts"]) >= 2
    assert result["attempts"][0]["left"] == 1
    assert result["attempts"][-1]["left"] == 0
    assert front.modes.read_running() == "frozen"
    assert server.store.read().name == "frozen"


def test_an_idle_ssh_session_is_recognized_before_writes_are_held(server: ApplicationServer, front: Front) -> None:
    with socket.create_connection(("127.0.0.1", front.ssh), timeout=20) as ssh:
        assert ssh.recv(100)
        result = server.stop_source_writes(RUN, 600, AttemptLimits())
        assert ssh.recv(100) == b""
    assert (result["idle_sessions_closed"], result["cut"], len(result["attempts"])) == (1, 0, 1)
    assert result["attempts"][0]["closed_seconds"] < IDLE_SECONDS


def test_an_endless_write_is_cut_at_the_last_attempt_only(
    server: ApplicationServer, front: Front, upstream: Upstream
) -> None:
    push = send(front, "POST", "/slow")
    assert upstream.arrived.wait(10)

    result = server.stop_source_writes(RUN, 600, AttemptLimits(attempt_seconds=0.5, attempts=3))

    assert [attempt["left"] for attempt in result["attempts"]] == [1, 1, 0]
    assert result["cut"] == 1
    assert push.end() != 200


def test_a_thaw_between_two_attempts_ends_the_freeze_and_the_site_stays_open(
    server: ApplicationServer, front: Front, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{ATTEMPTS}.FIRST_PAUSE_SECONDS", 30.0)
    send(front, "POST", "/slow")
    assert upstream.arrived.wait(10)
    threading.Timer(2.0, server.store.write, (FreezeState(),)).start()

    with pytest.raises(Refused, match="does not hold a freeze"):
        server.stop_source_writes(RUN, 600, AttemptLimits(attempt_seconds=0.5))

    assert front.modes.read_running() == "open"
    assert front.request("POST", "/x").status_code == 200


def test_a_roll_back_sends_what_is_held_to_the_source(
    server: ApplicationServer, front: Front, upstream: Upstream
) -> None:
    server.stop_source_writes(RUN, 600, AttemptLimits())
    held, ssh = send(front, "POST", "/held", data=b"x"), Background(front.read_ssh_banner)
    wait_until_held(front, 2)

    result = server.resume_source_writes(RUN)

    assert held.end() == 200
    assert ssh.end().startswith(b"SSH-2.0")
    assert upstream.reached == ["POST /held"]
    assert result["held"] == 2


def test_the_dead_mans_switch_sends_what_is_held_to_the_source(
    server: ApplicationServer, front: Front, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.stop_source_writes(RUN, 1, AttemptLimits(hold_seconds=20))
    held = send(front, "POST", "/held", data=b"x")
    wait_until_held(front, 1)
    wait_until(lambda: server.store.read().is_expired(time.time()), "the end of the lease")
    monkeypatch.setattr(switch, "ApplicationServer", lambda _machine: server)

    assert switch.run_on_application_server(server.machine)["action"] == "thaw"

    assert held.end() == 200
    assert upstream.reached == ["POST /held"]


def test_a_restarted_source_is_frozen_and_is_opened_by_the_roll_back(
    server: ApplicationServer, front: Front, tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.stop_source_writes(RUN, 600, AttemptLimits(hold_seconds=20))
    front.close()
    with Front(tmp_path, upstream) as again:
        held = send(again, "POST", "/held", data=b"x")
        wait_until_held(again, 1)
        build_server(again, tmp_path / "machine", monkeypatch).resume_source_writes(RUN)
        assert held.end() == 200
    assert upstream.reached == ["POST /held"]
