"""Every published call returns the published status and shape.

The table repeats the published one, row by row. A row is one call with the required keys of its response.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.models import STEPS
from tests.unit.cloudendure.fakes import Client, FakeCloud

PROJECT = {
    "id", "name", "type", "targetCloudId", "sourceCloudId", "sourceRegion", "replicationConfiguration",
    "agentInstallationToken", "licensesIDs", "features",
}  # fmt: skip
MACHINE = {
    "id", "sourceProperties", "replicationStatus", "replicationInfo", "lifeCycle", "replica", "isAgentInstalled", "license",
}  # fmt: skip
BLUEPRINT = {
    "id", "machineId", "machineName", "region", "instanceType", "subnetIDs", "securityGroupIDs", "privateIPAction",
    "publicIPAction", "iamRole", "placementGroup", "runAfterLaunch", "tags", "disks",
}  # fmt: skip
JOB = {"id", "type", "status", "participatingMachines", "log", "creationDateTime", "initiatedBy"}
REPLICA = {
    "id", "machine", "machineCloudId", "machineCloudState", "name", "regionId", "publicIps", "pointInTime", "jobId",
}  # fmt: skip
ITEMS = {"items"}
TABLE: list[tuple[str, str, str, object, int, set[str]]] = [
    ("projects", "GET", "/projects", None, 200, ITEMS),
    ("me", "GET", "/me", None, 200, {"id", "username"}),
    ("machines", "GET", "/projects/{projectId}/machines", None, 200, ITEMS),
    ("machine", "GET", "/projects/{projectId}/machines/{machine}", None, 200, MACHINE),
    ("points", "GET", "/projects/{projectId}/machines/{machine}/pointsintime", None, 200, ITEMS),
    ("blueprints", "GET", "/projects/{projectId}/blueprints", None, 200, ITEMS),
    ("duplicate blueprint", "POST", "/projects/{projectId}/blueprints", {"machineId": "{machine}"}, 409, {"message", "code"}),
    ("patch blueprint", "PATCH", "/projects/{projectId}/blueprints/{blueprint}", {"iamRole": "r"}, 200, BLUEPRINT),
    ("configurations", "GET", "/projects/{projectId}/replicationConfigurations", None, 200, ITEMS),
    ("new configuration", "POST", "/projects/{projectId}/replicationConfigurations", {"subnetId": "subnet-1"}, 201, {"id", "subnetId"}),
    ("patch configuration", "PATCH", "/projects/{projectId}/replicationConfigurations/{configuration}",
     {"replicatorSecurityGroupIDs": ["sg-1"]}, 200, {"id", "subnetId"}),
    ("unknown subnet", "POST", "/projects/{projectId}/replicationConfigurations", {"subnetId": "subnet-x"}, 400, {"message", "code"}),
    ("unknown group", "POST", "/projects/{projectId}/replicationConfigurations", {"replicatorSecurityGroupIDs": ["sg-x"]}, 400,
     {"message", "code"}),
    ("launch", "POST", "/projects/{projectId}/launchMachines", {"items": [{"machineId": "{machine}"}], "launchType": "TEST"}, 202, JOB),
    ("launch without machines", "POST", "/projects/{projectId}/launchMachines", {"items": [], "launchType": "TEST"}, 422, {"message", "code"}),
    ("launch of unknown type", "POST", "/projects/{projectId}/launchMachines", {"items": [{"machineId": "{machine}"}], "launchType": "test"}, 422,
     {"message", "code"}),
    ("launch of unknown machine", "POST", "/projects/{projectId}/launchMachines", {"items": [{"machineId": "x"}], "launchType": "TEST"}, 404,
     {"message", "code"}),
    ("jobs", "GET", "/projects/{projectId}/jobs", None, 200, ITEMS),
    ("unknown job", "GET", "/projects/{projectId}/jobs/x", None, 404, {"message", "code"}),
    ("replica", "GET", "/projects/{projectId}/replicas/{replica}", None, 200, REPLICA),
    ("clean up", "DELETE", "/projects/{projectId}/replicas", {"replicaIDs": ["{replica}"]}, 202, JOB),
    ("start", "POST", "/projects/{projectId}/startReplication", {"machineIDs": ["{machine}"]}, 200, {"items", "invalidMachineIDs"}),
    ("pause", "POST", "/projects/{projectId}/pauseReplication", {"machineIDs": ["{machine}"]}, 200, {"items", "invalidMachineIDs"}),
    ("stop", "POST", "/projects/{projectId}/stopReplication", {"machineIDs": ["x"]}, 200, {"items", "invalidMachineIDs"}),
    ("delete machines", "DELETE", "/projects/{projectId}/machines", {"machineIDs": ["{machine}"]}, 204, set()),
    ("unsupported method", "PUT", "/projects/{projectId}/machines", {}, 405, {"message", "code"}),
    ("unknown project", "GET", "/projects/x/machines", None, 404, {"message", "code"}),
    ("logout", "POST", "/logout", None, 204, set()),
]  # fmt: skip


@pytest.fixture
def ids(client: Client, console: Console) -> dict[str, str]:
    machine = client.install_agent()["machineId"]
    with console.store.edit() as state:
        replica = {"id": "r-1", "machine": machine, "machineCloudId": "i-1", "machineCloudState": "RUNNING", "name": "gogs",
                   "regionId": "us-east-1", "publicIps": [], "pointInTime": "p", "jobId": "j"}  # fmt: skip
        state["replicas"]["r-1"] = replica
        return {
            "{machine}": machine,
            "{replica}": "r-1",
            "{blueprint}": next(iter(state["blueprints"])),
            "{configuration}": next(iter(state["configurations"])),
        }


def fill(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, id_ in ids.items():
            value = value.replace(name, id_)
        return value
    if isinstance(value, list):
        return [fill(item, ids) for item in value]
    return {key: fill(item, ids) for key, item in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "keys"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_a_call_returns_the_published_status_and_keys(
    client: Client, ids: dict[str, str], method: str, path: str, body: object, status: int, keys: set[str]
) -> None:
    response = client(method, fill(path, ids), fill(body, ids))

    assert response.status_code == status, response.text
    assert keys <= set(response.json if keys and response.json else {})


def test_listed_items_have_the_published_keys(client: Client, ids: dict[str, str]) -> None:
    for path, keys in (("/machines", MACHINE), ("/blueprints", BLUEPRINT)):
        assert keys <= set((client.in_project("GET", path).json or {})["items"][0]), path
    assert keys
    project = (client("GET", "/projects").json or {})["items"][0]
    assert set(project) == PROJECT
    assert project["type"] == "MIGRATION"
    assert ids


def test_a_new_machine_is_synchronizing(client: Client, ids: dict[str, str]) -> None:
    machine: dict[str, Any] = client.in_project("GET", "/machines/" + ids["{machine}"]).json or {}

    info = machine["replicationInfo"]
    assert "lastConsistencyDateTime" not in info
    assert machine["sourceProperties"]["disks"] == [{"name": "/dev/xvda", "size": 8 << 30, "isProtected": True}]
    assert (machine["replicationStatus"], info["totalStorageBytes"]) == ("STARTED", 8 << 30)
    assert machine["replica"] == ""
    assert datetime.fromisoformat(info["lastSeenDateTime"]).utcoffset() is not None
    assert info["lastSeenDateTime"].endswith("+00:00")
    assert len(info["lastSeenDateTime"].partition(".")[2]) == len("123456+00:00")


def test_the_initiation_steps_are_the_published_ones_in_order() -> None:
    assert STEPS[0] == "WAITING_TO_INITIATE_REPLICATION"
    assert STEPS[-1] == "ESTABLISHING_AGENT_REPLICATOR_COMMUNICATION"
    assert len(STEPS) == 11


def test_lists_support_offset_and_limit(client: Client) -> None:
    for number in range(3):
        client.install_agent(f"m{number}", f"i-m{number}")

    window = client.in_project("GET", "/machines", offset="1", limit="1").json or {}

    assert [m["sourceProperties"]["name"] for m in window["items"]] == ["m1"]
    assert client.in_project("GET", "/machines", limit="1501").status_code == 422


def test_stopped_machines_are_listed_only_with_the_parameter_all(client: Client, ids: dict[str, str]) -> None:
    client.in_project("POST", "/stopReplication", {"machineIDs": [ids["{machine}"]]})

    assert (client.in_project("GET", "/machines").json or {})["items"] == []
    assert len((client.in_project("GET", "/machines", all="true").json or {})["items"]) == 1


def test_a_control_call_returns_the_ids_of_invalid_machines(client: Client, ids: dict[str, str]) -> None:
    response = client.in_project("POST", "/pauseReplication", {"machineIDs": [ids["{machine}"], "x"]}).json or {}

    assert [m["replicationStatus"] for m in response["items"]] == ["PAUSED"]
    assert response["invalidMachineIDs"] == ["x"]


def test_a_patch_without_disks_removes_the_disks_of_a_blueprint(client: Client, ids: dict[str, str]) -> None:
    path = "/blueprints/" + ids["{blueprint}"]
    before = (client.in_project("GET", "/blueprints").json or {})["items"][0]

    whole = client.in_project("PATCH", path, {**before, "subnetIDs": ["subnet-1"]}).json or {}
    part = client.in_project("PATCH", path, {"subnetIDs": ["subnet-1"]}).json or {}

    assert whole["disks"] == before["disks"] != []
    assert part["disks"] == []


def test_a_machine_with_a_running_job_returns_409(client: Client, ids: dict[str, str], console: Console) -> None:
    console.faults.inject({"kind": "slow-job", "seconds": 60})
    request = {"items": [{"machineId": ids["{machine}"]}], "launchType": "CUTOVER"}

    statuses = [client.in_project("POST", "/launchMachines", request).status_code for _ in range(2)]

    assert statuses == [202, 409]
    assert client.in_project("DELETE", "/replicas", {"replicaIDs": [ids["{replica}"]]}).status_code == 409


def test_a_launch_without_a_licence_returns_402(client: Client, ids: dict[str, str], console: Console) -> None:
    console.faults.inject({"kind": "no-licence"})

    request = {"items": [{"machineId": ids["{machine}"]}], "launchType": "TEST"}

    assert client.in_project("POST", "/launchMachines", request).status_code == 402


def test_the_state_of_a_replica_is_that_of_its_instance(client: Client, ids: dict[str, str], cloud: FakeCloud) -> None:
    cloud.stop("i-1")

    assert (client.in_project("GET", "/replicas/" + ids["{replica}"]).json or {})["machineCloudState"] == "STOPPED"
