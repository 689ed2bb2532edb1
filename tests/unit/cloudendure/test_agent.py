"""Agents: registration, heartbeat and removal; and the installer that the console serves."""

from __future__ import annotations

import ast

import pytest

from rehearsal.cloudendure.console import Console
from rehearsal.replication_engine.agent_support import find_disk_name
from rehearsal.replication_engine.source import SourceMissing
from rehearsal.world import Machine, records
from tests.unit.cloudendure.fakes import Client, NoDisk


def send_heartbeat(client: Client, agent: dict[str, str], key: str | None = None) -> tuple[int, dict[str, str]]:
    headers = {"Authorization": f"Bearer {key or agent['key']}"}
    response = client.http.post("/agent/v1/heartbeat", json={"machineId": agent["machineId"]}, headers=headers)
    return response.status_code, response.json or {}


def test_a_wrong_installation_token_is_rejected(client: Client) -> None:
    client.credentials["agent_installation_token"] = "0000"

    with pytest.raises(AssertionError, match="agent installation token is not valid"):
        client.install_agent()


def test_a_second_installation_registers_the_same_machine_with_a_new_key(client: Client) -> None:
    first, second = client.install_agent(), client.install_agent()

    assert first["machineId"] == second["machineId"]
    assert send_heartbeat(client, first)[0] == 401
    assert send_heartbeat(client, second) == (200, {"command": "none"})


def test_a_machine_that_is_no_ec2_instance_is_found_by_its_address(client: Client, console: Console) -> None:
    disk = console.settings.world.pool / "volumes/forge.raw"
    records.write(console.settings.world, Machine("forge", "192.168.7.20", "", "", "stopped", None, disk))
    found: list[str] = []
    console.replication._engine._sources = lambda machine: found.append(machine) or NoDisk()  # type: ignore[func-returns-value]
    client.install_agent("forge", "", "192.168.7.20")
    client.install_agent("nowhere", "", "192.168.7.99")
    assert found == ["forge", ""]

    checks = [console.replication._build_checks(source)["WAITING_TO_INITIATE_REPLICATION"] for source in found]
    checks[0]()
    with pytest.raises(SourceMissing, match="not in this world"):
        checks[1]()


def test_the_agent_of_a_deleted_machine_is_uninstalled_and_its_replicas_stay(client: Client, console: Console) -> None:
    agent = client.install_agent()
    with console.store.edit() as state:
        state["replicas"]["r-1"] = {"id": "r-1", "machine": agent["machineId"], "machineCloudId": "i-1"}

    assert client.in_project("DELETE", "/machines", {"machineIDs": [agent["machineId"]]}).status_code == 204

    assert send_heartbeat(client, agent) == (200, {"command": "uninstall"})
    assert send_heartbeat(client, agent)[0] == 401
    assert (client.in_project("GET", "/machines", all="true").json or {})["items"] == []
    assert client.in_project("GET", "/replicas/r-1").status_code == 200


def test_a_wrong_agent_key_is_rejected(client: Client) -> None:
    assert send_heartbeat(client, client.install_agent(), key="wrong")[0] == 401


def test_the_installer_has_the_url_of_its_console_and_imports_only_the_standard_library(client: Client) -> None:
    response = client.http.get("/installer_linux.py", base_url="http://127.0.0.1:4661")

    assert 'CONSOLE = "http://127.0.0.1:4661"' in response.text
    modules = {
        (node.module or "").partition(".")[0]
        if isinstance(node, ast.ImportFrom)
        else node.names[0].name.partition(".")[0]
        for node in ast.walk(ast.parse(response.text))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert modules <= set(__import__("sys").stdlib_module_names)


def test_a_failed_initiation_step_has_its_reason(client: Client, console: Console) -> None:
    """The machine reports no instance id, so this console has no disk to replicate."""
    machine = client.install_agent("elsewhere", "")["machineId"]

    assert not console.replication.sync(machine, timeout=10)

    found = client.in_project("GET", f"/machines/{machine}").json or {}
    steps = found["replicationInfo"]["initiationStates"]["items"][-1]["steps"]
    assert steps[0]["status"] == "FAILED"
    assert "EC2 instance id" in steps[0]["message"]
    assert steps[1]["status"] == "NOT_STARTED"


@pytest.mark.parametrize(("block", "name"), [("loop7", "/dev/xvda"), ("nvme0n1", "/dev/nvme0n1"), ("sda", "/dev/sda")])
def test_a_disk_has_its_name_on_a_real_machine(block: str, name: str) -> None:
    assert find_disk_name(block) == name
