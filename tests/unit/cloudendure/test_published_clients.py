"""Clients in the manner of those that CloudEndure and others published: over real connections, each with its own habits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from rehearsal.cloudendure.blueprints import target_of
from rehearsal.cloudendure.console import Console
from rehearsal.replication_engine.cloud import CloudError
from tests.unit.cloudendure.fakes import Client

Call = Callable[..., requests.Response]


@pytest.fixture
def machine(client: Client) -> str:
    return str(client.install_agent()["machineId"])


def documented(url: str, credentials: dict[str, Any]) -> Call:
    """The documented sample: takes the path over from where the login ended, and sends the cookie as it is, quotes and all."""
    session = requests.Session()
    session.headers.update({"Content-Type": "application/json", "Accept": "text/plain"})
    answer = session.post(f"{url}/api/latest/login", json={"userApiToken": credentials["user_api_token"]}, timeout=10)
    answer.raise_for_status()
    prefix = answer.url.removesuffix("/login")
    headers = {"X-XSRF-TOKEN": session.cookies["XSRF-TOKEN"]}
    assert headers["X-XSRF-TOKEN"].startswith('"')

    def call(method: str, path: str, body: object = None) -> requests.Response:
        return session.request(method, f"{prefix}/{path}", json=body, headers=headers, timeout=10)

    return call


def faithful_to_latest(url: str, credentials: dict[str, Any]) -> Call:
    """Follows no redirect, strips the quotes, keeps cookies by hand, and stays below /api/latest."""
    user = {key: credentials[key] for key in ("username", "password")}
    login = requests.post(f"{url}/api/latest/login", json=user, allow_redirects=False, timeout=10)
    assert login.status_code == 200
    cookies, headers = login.cookies, {"X-XSRF-TOKEN": login.cookies["XSRF-TOKEN"].strip('"')}

    def call(method: str, path: str, body: object = None) -> requests.Response:
        return requests.request(
            method, f"{url}/api/latest/{path}", json=body, cookies=cookies, headers=headers, timeout=10
        )

    return call


@pytest.fixture(params=[documented, faithful_to_latest])
def call(request: pytest.FixtureRequest, url: str, credentials: dict[str, Any]) -> Call:
    made: Call = request.param(url, credentials)
    return made


def only(answer: requests.Response) -> dict[str, Any]:
    (item,) = answer.json()["items"]
    return dict(item)


def test_a_machine_is_found_configured_and_launched(call: Call, machine: str) -> None:
    project = only(call("GET", "projects"))["id"]
    assert only(call("GET", f"projects/{project}/machines"))["id"] == machine
    blueprint = only(call("GET", f"projects/{project}/blueprints"))
    changed = {**blueprint, "tenancy": "SHARED", "subnetIDs": ["subnet-1"], "disks": [{"type": "SSD", "name": disk["name"]} for disk in blueprint["disks"]]}  # fmt: skip

    answer = call("PATCH", f"projects/{project}/blueprints/{blueprint['id']}", changed)

    assert answer.status_code == 200, answer.text
    assert answer.json()["subnetIDs"] == ["subnet-1"]
    order = {"items": [{"machineId": machine}], "launchType": "TEST"}
    assert call("POST", f"projects/{project}/launchMachines", order).status_code == 202


def test_perform_test_is_known_below_the_versions_too(call: Call, machine: str, console: Console) -> None:
    project = only(call("GET", "projects"))["id"]
    console.faults.order({"kind": "slow-job", "seconds": 60})
    order = {"items": [{"machineId": machine}]}
    assert call("POST", f"projects/{project}/performTest", order).json()["type"] == "TEST_LAUNCH"
    assert call("PUT", f"projects/{project}/performCutover", order).status_code == 409


def test_the_replication_configuration_is_read_changed_and_sent_back_whole(call: Call) -> None:
    project = only(call("GET", "projects"))["id"]
    configuration = only(call("GET", f"projects/{project}/replicationConfigurations"))
    configuration |= {"volumeEncryptionAllowed": True, "volumeEncryptionKey": "", "subnetId": "subnet-1"}
    path = f"projects/{project}/replicationConfigurations/{configuration['id']}"
    assert call("PATCH", path, configuration).json()["subnetId"] == "subnet-1"


PUBLISHED = {
    "recommendedInstanceType": "c5.large",
    "tenancy": "DEDICATED",
    "dedicatedHostIdentifier": "",
    "byolOnDedicatedInstance": False,
    "networkInterface": "",
    "securityGroupAction": "FROM_POLICY",
    "staticIpAction": "CREATE_NEW",
    "staticIp": "",
    "recommendedPrivateIP": "",
    "cpus": None,
    "mbRam": 0,
    "scsiAdapterType": None,
    "computeLocationId": "",
    "useSharedRam": False,
}  # fmt: skip


def test_the_whole_published_blueprint_is_taken(call: Call, machine: str) -> None:
    project = only(call("GET", "projects"))["id"]
    blueprint = only(call("GET", f"projects/{project}/blueprints"))
    path = f"projects/{project}/blueprints/{blueprint['id']}"
    assert blueprint["machineId"] == machine
    assert call("GET", path).json() == blueprint
    assert call("PATCH", path, blueprint).json() == blueprint

    written = call("PATCH", path, {**blueprint, **PUBLISHED})

    assert written.status_code == 200, written.text
    assert {key: written.json()[key] for key in ("tenancy", "staticIpAction")} == {"tenancy": "DEDICATED", "staticIpAction": "CREATE_NEW"}  # fmt: skip
    assert written.json()["recommendedInstanceType"] == blueprint["recommendedInstanceType"], "it is the console's own"
    for key in ("tenancy", "staticIpAction", "privateIPAction"):
        assert call("PATCH", path, {**blueprint, key: "NONSENSE"}).status_code == 422
    assert call("PATCH", path, {**blueprint, "Tenancy": "SHARED"}).status_code == 422


def test_a_launch_of_what_is_not_emulated_fails_with_its_name(call: Call, machine: str, console: Console) -> None:
    project = only(call("GET", "projects"))["id"]
    blueprint = only(call("GET", f"projects/{project}/blueprints"))
    call("PATCH", f"projects/{project}/blueprints/{blueprint['id']}", {**blueprint, "tenancy": "HOST"})
    with console.store.look() as state, pytest.raises(CloudError, match=r"tenancy HOST .* is not emulated"):
        target_of(state, machine, console.cloud)


def test_clouds_licences_and_credentials_are_listed_and_found(call: Call) -> None:
    project = only(call("GET", "projects"))
    assert call("GET", f"projects/{project['id']}").json() == project
    cloud = only(call("GET", "clouds"))
    assert (cloud["id"], cloud["name"]) == (project["targetCloudId"], "AWS")
    licence = only(call("GET", "licenses"))
    assert licence["id"] in project["licensesIDs"]
    assert call("GET", f"licenses/{licence['id']}").json() == licence
    credentials = only(call("GET", "cloudCredentials"))
    assert credentials["cloud"] == cloud["id"]
    assert call("GET", f"cloudCredentials/{credentials['id']}").json() == credentials
    region = only(call("GET", f"cloudCredentials/{credentials['id']}/regions"))
    assert call("GET", f"cloudCredentials/{credentials['id']}/regions/{region['id']}").json() == region
    for unknown in ("licenses/x", "cloudCredentials/x", "cloudCredentials/x/regions", "clouds/x"):
        assert call("GET", unknown).status_code == 404


def test_a_machine_that_is_sent_back_keeps_what_is_the_consoles(call: Call, machine: str) -> None:
    path = f"projects/{only(call('GET', 'projects'))['id']}/machines/{machine}"
    whole = call("GET", path).json()
    changed = {**whole, "replicationStatus": "STOPPED", "tags": ["wave-1"]}
    changed["lifeCycle"] = {**whole["lifeCycle"], "lastTestLaunchDateTime": "2026-11-29T09:00:00.000000+00:00"}

    answer = call("PATCH", path, changed)

    assert answer.status_code == 200, answer.text
    assert (answer.json()["replicationStatus"], answer.json()["tags"]) == ("STARTED", ["wave-1"])
    assert answer.json()["lifeCycle"]["lastTestLaunchDateTime"].startswith("2026-11-29T09")
    assert call("PATCH", path, {"lifeCycle": {"lastTestLaunchDateTime": "soon"}}).status_code == 422
    assert call("DELETE", path).status_code == 204
