"""Registration and heartbeats of agents."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from rehearsal.settings import Settings
from tests.unit.aws.mgn.source_servers import Register, Server, registration, send_registration
from tests.waiting import wait_until

DISKS = [{"deviceName": "/dev/xvda", "bytes": 8 << 30}]


def heartbeat(server: Server, key: str = "") -> requests.Response:
    body = {"sourceServerID": server.id, "agentKey": key or server.key}
    return requests.post(f"{server.url}/_rehearsal/mgn/heartbeat", json=body, timeout=20)


def test_a_machine_that_registers_again_is_the_same_server(register: Register) -> None:
    first = register("again", tags={"Name": "git"}, userProvidedID="site-1")
    second = register("again")
    assert second.id == first.id
    assert second.describe()["userProvidedID"] == "site-1"
    assert heartbeat(first).status_code == 401  # the key of an earlier installation
    assert heartbeat(second).json() == {"command": "none"}


def test_a_heartbeat_moves_the_date_on(server: Server) -> None:
    before = server.describe()["lifeCycle"]["lastSeenByServiceDateTime"]
    assert heartbeat(server).ok
    assert server.describe()["lifeCycle"]["lastSeenByServiceDateTime"] > before


def test_an_agent_of_a_finalized_server_uninstalls_itself(server: Server, subnet: str) -> None:
    server.cut_over(subnet)
    server.mgn.finalize_cutover(sourceServerID=server.id)
    assert heartbeat(server).json() == {"command": "uninstall"}


def test_an_agent_can_be_installed_without_replication(register: Register) -> None:
    server = register(ready=False, noReplication=True)
    assert server.replication()["dataReplicationState"] == "STOPPED"
    server.mgn.start_replication(sourceServerID=server.id)
    wait_until(lambda: server.state == "READY_FOR_TEST")


def test_a_machine_that_is_no_instance_of_this_world_fails_at_the_first_step(register: Register) -> None:
    server = register(ready=False, instance="")
    info = wait_until(lambda: (now := server.replication())["dataReplicationState"] == "STALLED" and now)
    assert info["dataReplicationError"]["error"] == "FAILED_TO_WAIT"
    assert info["dataReplicationInitiation"]["steps"][0] == {"name": "WAIT", "status": "FAILED"}


def test_a_machine_that_is_no_ec2_instance_is_found_by_its_address(register: Register) -> None:
    interfaces = [{"macAddress": "02-00-00-00-00-01", "ips": ["192.168.7.20"], "isPrimary": True}]
    hints = {"hostname": "forge", "fqdn": "forge.example.org"}
    server = register(properties={"identificationHints": hints, "networkInterfaces": interfaces, "disks": DISKS})
    assert server.state == "READY_FOR_TEST"
    assert server.describe()["sourceProperties"]["identificationHints"] == hints


@pytest.mark.parametrize(
    ("body", "member"),
    [
        ([], ""),
        ({"identity": "mac"}, "properties"),
        ({"identity": 1, "properties": {}}, "identity"),
        ({"identity": "mac", "properties": {}, "colour": "red"}, "colour"),
    ],
)
def test_a_malformed_registration_is_refused_with_its_member(
    settings: Settings, mgn: Any, body: object, member: str
) -> None:
    assert mgn
    answer = send_registration(settings, body)
    assert answer.status_code == 400
    assert answer.headers["x-amzn-errortype"] == "ValidationException"
    assert [one["name"] for one in answer.json().get("fieldList", [])] == ([member] if member else [])


def test_a_server_without_any_hint_is_listed(settings: Settings, mgn: Any) -> None:
    answer = send_registration(settings, {**registration("bare"), "properties": {}})
    (found,) = mgn.describe_source_servers(filters={"sourceServerIDs": [answer.json()["sourceServerID"]]})["items"]
    assert "identificationHints" not in found["sourceProperties"]
