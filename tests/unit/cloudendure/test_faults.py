"""Ordered failures hit what they were ordered for, when, and as often as ordered."""

from __future__ import annotations

from rehearsal.cloudendure.console import Console
from tests.unit.cloudendure.fakes import Client


def order(client: Client, **fault: object) -> int:
    return client.http.post("/_rehearsal/faults", json=fault).status_code


def test_nth_call_of_a_path_gets_the_status_and_the_others_the_truth(client: Client) -> None:
    order(client, kind="http", path="/machines", method="GET", status=429, nth=2)

    answers = [client.in_project("GET", "/machines") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 429, 200]
    assert answers[1].headers["Retry-After"] == "1"
    assert client.in_project("GET", "/jobs").status_code == 200


def test_forgotten_session_is_401_until_the_next_login(client: Client) -> None:
    order(client, kind="forget-sessions")

    assert client("GET", "/me").status_code == 401
    client.login()
    assert client("GET", "/me").status_code == 200


def test_lost_answer_means_that_it_was_done(client: Client) -> None:
    machine = client.install_agent()["machineId"]
    order(client, kind="lose-answer", path="/pauseReplication")

    assert client.in_project("POST", "/pauseReplication", {"machineIDs": [machine]}).status_code == 503

    found = client.in_project("GET", f"/machines/{machine}").json or {}
    assert found["replicationStatus"] == "PAUSED"


def test_unknown_kind_is_refused_and_clearing_clears(client: Client, console: Console) -> None:
    assert order(client, kind="earthquake") == 422
    assert order(client, kind="close", path="/jobs") == 201
    assert client.http.delete("/_rehearsal/faults").status_code == 204
    assert console.faults.list() == []
