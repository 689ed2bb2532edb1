"""An injected fault hits the calls that it was set for, at the given time and as often as given."""

from __future__ import annotations

from rehearsal.cloudendure.console import Console
from tests.unit.cloudendure.fakes import Client


def inject(client: Client, **fault: object) -> int:
    return client.http.post("/_rehearsal/faults", json=fault).status_code


def test_only_the_nth_call_of_a_path_gets_the_status(client: Client) -> None:
    inject(client, kind="http", path="/machines", method="GET", status=429, nth=2)

    responses = [client.in_project("GET", "/machines") for _ in range(3)]
    assert [one.status_code for one in responses] == [200, 429, 200]
    assert responses[1].headers["Retry-After"] == "1"
    assert client.in_project("GET", "/jobs").status_code == 200


def test_a_lost_session_returns_401_until_the_next_login(client: Client) -> None:
    inject(client, kind="forget-sessions")

    assert client("GET", "/me").status_code == 401
    client.login()
    assert client("GET", "/me").status_code == 200


def test_a_call_with_a_lost_response_keeps_its_effect(client: Client) -> None:
    machine = client.install_agent()["machineId"]
    inject(client, kind="lose-response", path="/pauseReplication")

    assert client.in_project("POST", "/pauseReplication", {"machineIDs": [machine]}).status_code == 503

    found = client.in_project("GET", f"/machines/{machine}").json or {}
    assert found["replicationStatus"] == "PAUSED"


def test_an_unknown_kind_is_rejected_and_faults_can_be_cleared(client: Client, console: Console) -> None:
    assert inject(client, kind="earthquake") == 422
    assert inject(client, kind="close", path="/jobs") == 201
    assert client.http.delete("/_rehearsal/faults").status_code == 204
    assert console.faults.list() == []
