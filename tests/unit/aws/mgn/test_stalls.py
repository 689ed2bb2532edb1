"""An agent that is away, and comes back."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from rehearsal.aws.control import Call
from rehearsal.aws.faults.kinds import Faults
from rehearsal.aws.mgn.agents import Agents
from rehearsal.aws.mgn.identifiers import hash_secret
from rehearsal.aws.mgn.models import SourceServer
from rehearsal.aws.mgn.stalls import AGENT_TIMEOUT, Stalls
from rehearsal.aws.mgn.state import State
from rehearsal.replication_engine.dates import now


class Sent:
    """The events that were sent."""

    def __init__(self) -> None:
        self.stalls: list[bool] = []

    def send_stall(self, server: SourceServer, *, stalled: bool) -> None:
        assert server.id
        self.stalls.append(stalled)


@pytest.fixture
def server() -> SourceServer:
    return SourceServer("s-1", "mac", hash_secret("key"), {}, {}, "", {}, {})


@pytest.fixture
def events() -> Sent:
    return Sent()


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
def stalls(events: Any, faults: Faults) -> Stalls:
    return Stalls(faults, events)


def test_an_agent_that_sends_nothing_stalls_its_server_with_one_event(
    stalls: Stalls, events: Sent, server: SourceServer
) -> None:
    assert stalls.find_error(server) == ""
    server.seen = now() - timedelta(seconds=AGENT_TIMEOUT + 1)
    assert [stalls.find_error(server) for _ in range(3)] == ["AGENT_NOT_SEEN"] * 3
    server.seen = now()
    assert stalls.find_error(server) == ""
    assert events.stalls == [True, False]


def test_a_failed_step_stalls_until_an_initiation_succeeds(stalls: Stalls, server: SourceServer) -> None:
    server.failed_step = "LAUNCH_REPLICATION_SERVER"
    assert stalls.find_error(server) == "FAILED_TO_LAUNCH_REPLICATION_SERVER"
    server.replication = "STOPPED"
    assert stalls.find_error(server) == ""


def test_only_an_agent_that_was_away_wakes_the_replication(stalls: Stalls, server: SourceServer) -> None:
    state, woken = State(), list[str]()
    state.servers[server.id] = server
    nobody: Any = None
    agents = Agents(state, nobody, nobody, nobody, woken.append, stalls, nobody)
    beat = Call("POST", "heartbeat", {}, json.dumps({"sourceServerID": server.id, "agentKey": "key"}).encode())
    assert agents(beat) == (200, {"command": "none"})
    assert woken == []
    server.seen = now() - timedelta(seconds=AGENT_TIMEOUT + 1)
    assert agents(beat) == (200, {"command": "none"})
    assert agents(beat) == (200, {"command": "none"})
    assert woken == [server.id]


def test_the_scripts_of_a_launched_instance_run_unless_a_fault_is_ordered(
    stalls: Stalls, faults: Faults, server: SourceServer
) -> None:
    state = State()
    state.servers[server.id], server.report_token = server, hash_secret("token")
    nobody: Any = None
    agents = Agents(state, nobody, nobody, nobody, nobody, stalls, nobody)

    def report(event: str) -> Any:
        return agents(Call("POST", "launched", {}, json.dumps({"event": event}).encode(), bearer="token"))

    faults.inject({"kind": "mgn-no-scripts", "server": server.id})
    assert report("script") == (200, {"run": True})  # only an instance that has booted asks
    assert report("booted") == (200, {"run": False})
    assert report("booted") == (200, {"run": True})
