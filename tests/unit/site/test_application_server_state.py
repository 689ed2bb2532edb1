"""What the application server does by its freeze state on disk, whoever has changed it meanwhile."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import pytest
from cutover_site.errors import Refused
from cutover_site.freeze import application_server
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.freeze.attempts import AttemptLimits, StoppedWrites
from cutover_site.freeze.closing import ClosableSite
from cutover_site.freeze.state import FreezeState
from cutover_site.freeze.store import FreezeStore
from cutover_site.proxy.drain import DrainResult
from cutover_site.verbs import freeze as freeze_verbs

from tests.unit.site.one_server import RUN, Server, build_server, freeze_application

LEASE_SECONDS = 600


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    return build_server(tmp_path, monkeypatch, ("source-app",))


def call(verb: Any, server: Server, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = verb(server, argparse.Namespace(run=RUN, **options))
    return found


def test_a_renewed_lease_is_that_of_the_state_and_of_the_timer(server: Server) -> None:
    freeze_application(server, lease_until=1.0)
    earliest = time.time() + LEASE_SECONDS

    call(freeze_verbs.renew, server, lease=LEASE_SECONDS)

    lease_until = FreezeStore(server.layout.freeze_file).read().lease_until
    assert earliest <= lease_until <= time.time() + LEASE_SECONDS
    assert server.timer == f"until {lease_until:.0f}"


def test_the_lease_of_an_open_site_is_not_renewed(server: Server) -> None:
    with pytest.raises(Refused, match="it is open"):
        call(freeze_verbs.renew, server, lease=LEASE_SECONDS)

    assert server.timer == "off"


def test_a_thaw_opens_a_proxy_that_was_left_closed_by_an_open_state(server: Server) -> None:
    """The state of the proxy is what users notice. The stored mode of the fake is `frozen`."""
    assert FreezeStore(server.layout.freeze_file).read() == FreezeState()

    assert call(freeze_verbs.thaw, server)["was"] == "open"

    assert server.log == ["proxy open"]


def test_no_process_is_ended_when_writes_were_resumed_at_the_end_of_the_last_attempt(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users write again, so these are their processes."""
    done: list[str] = []

    def stop_then_thaw(site: ClosableSite, _limits: AttemptLimits) -> StoppedWrites:
        site.server.store.write(FreezeState())
        return StoppedWrites([], DrainResult(seconds=0.1, cut=0))

    monkeypatch.setattr(application_server, "stop_writes", stop_then_thaw)
    monkeypatch.setattr("cutover_site.system.processes.end", lambda _wanted: done.append("processes"))
    monkeypatch.setattr("cutover_site.gogs.background.stop", lambda _machine, **_: done.append("background"))

    with pytest.raises(Refused, match="does not hold a freeze"):
        ApplicationServer(server).stop_source_writes(RUN, LEASE_SECONDS, AttemptLimits())

    assert done == []
