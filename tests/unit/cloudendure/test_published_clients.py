"""Clients that behave like those that CloudEndure and others published, over real connections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from rehearsal.cloudendure.blueprints import build_target
from rehearsal.cloudendure.console import Console
from rehearsal.replication_engine.cloud import CloudError
from tests.unit.cloudendure.fakes import Client

Call = Callable[..., requests.Response]


@pytest.fixture
def machine(client: Client) -> str:
    return str(client.install_agent()["machineId"])


def use_documented_sample(url: str, credentials: dict[str, Any]) -> Call:
    """Log in as the documented sample does: take the prefix from the final URL of the login and send the token with its quotes."""
    session = requests.Session()
    session.headers.update({"Content-Type": "application/json", "Accept": "text/plain"})
    login = session.post(f"{url}/api/latest/login", json={"userApiToken": credentials["user_api_token"]}, timeout=10)
    login.raise_for_status()
    prefix = login.url.removesuffix("/login")
    headers = {"X-XSRF-TOKEN": session.cookies["XSRF-TOKEN"]}
    assert headers["X-XSRF-TOKEN"].startswith('"')

    def call(method: str, path: str, body: object = None) -> requests.Response:
        return session.request(method, f"{prefix}/{path}", json=body, headers=headers, timeout=10)

    return call


def use_latest_without_redirect(url: str, credentials: dict[str, Any]) -> Call:
    """Log in without redirects: strip the quotes of the token, send the cookies explicitly, and stay below /api/latest."""
    user = {key: credentials[key] for key in ("username", "password")}
    login = requests.post(f"{url}/api/latest/login", json=user, allow_redirects=False, timeout=10)
    assert login.status_code == 200
    cookies, headers = login.cookies, {"X-XSRF-TOKEN": login.cookies["XSRF-TOKEN"].strip('"')}

    def call(method: str, path: str, body: object = None) -> requests.Response:
        return requests.request(
            method, f"{url}/api/latest/{path}", json=body, cookies=cookies, headers=headers, timeout=10
        )

    return call


@pytest.fixture(params=[use_documented_sample, use_latest_without_redirect])
def call(request: pytest.FixtureRequest, url: str, credentials: dict[str, Any]) -> Call:
    made: Call = request.param(url, credentials)
    return made


def get_only_item(response: requests.Response) -> dict[str, Any]:
    (item,) = response.json()["items"]
    return dict(item)


def test_a_machine_is_found_configured_and_launched(call: Call, machine: str) -> None:
    project = get_only_item(call("GET", "projects"))["id"]
    assert get_only_item(call("GET", f"projects/{project}/machines"))["id"] == machine
    blueprint = get_only_item(call("GET", f"projects/{project}/blueprints"))
    changed = {**blueprint, "tenancy": "SHARED", "subnetIDs": ["subnet-1"], "disks": [{"type": "SSD", "name": disk["name"]} for disk in blueprint["disks"]]}  # fmt: skip

    response = call("PATCH", f"projects/{project}/blueprints/{blueprint['id']}", changed)

    assert response.status_code == 200, response.text
    assert response.json()["subnetIDs"] == ["subnet-1"]
    request = {"items": [{"machineId": machine}], "launchType": "TEST"}
    assert call("POST", f"projects/{project}/launchMachines", request).status_code == 202


def test_perform_test_is_available_in_every_version(call: Call, machine: str, console: Console) -> None:
    project = get_only_item(call("GET", "projects"))["id"]
    console.faults.inject({"kind": "slow-job", "seconds": 60})
    request = {"items": [{"machineId": machine}]}
    assert call("POST", f"projects/{project}/performTest", request).json()["type"] == "TEST_LAUNCH"
    assert call("PUT", f"projects/{project}/performCutover", request).status_code == 409


def test_the_whole_replication_configuration_can_be_sent_back(call: Call) -> None:
    project = get_only_item(call("GET", "projects"))["id"]
    configuration = get_only_item(call("GET", f"projects/{project}/replicationConfigurations"))
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


def test_the_whole_published_blueprint_is_accepted(call: Call, machine: str) -> None:
    project = get_only_item(call("GET", "projects"))["id"]
    blueprint = get_only_item(call("GET", f"projects/{project}/blueprints"))
    path = f"projects/{project}/blueprints/{blueprint['id']}"
    assert blueprint["machineId"] == machine
    assert call("GET", path).json() == blueprint
    assert call("PATCH", path, blueprint).json() == blueprint

    written = call("PATCH", path, {**blueprint, **PUBLISHED})

    assert written.status_code == 200, written.text
    assert {key: written.json()[key] for key in ("tenancy", "staticIpAction")} == {"tenancy": "DEDICATED", "staticIpAction": "CREATE_NEW"}  # fmt: skip
    assert written.json()["recommendedInstanceType"] == blueprint["recommendedInstanceType"], "the console sets it"
    for key in ("tenancy", "staticIpAction", "privateIPAction"):
        assert call("PATCH", path, {**blueprint, key: "NONSENSE"}).status_code == 422
    assert call("PATCH", path, {**blueprint, "Tenancy": "SHARED"}).status_code == 422


def test_a_launch_with_a_setting_that_is_not_emulated_names_it(call: Call, machine: str, console: Console) -> None:
    project = get_only_item(call("GET", "projects"))["id"]
    blueprint = get_only_item(call("GET", f"projects/{project}/blueprints"))
    call("PATCH", f"projects/{project}/blueprints/{blueprint['id']}", {**blueprint, "tenancy": "HOST"})
    with console.store.read() as state, pytest.raises(CloudError, match=r"tenancy HOST .* is not emulated"):
        build_target(state, machine, console.cloud)


def test_clouds_licences_and_credentials_are_listed_and_found(call: Call) -> None:
    project = get_only_item(call("GET", "projects"))
    assert call("GET", f"projects/{project['id']}").json() == project
    cloud = get_only_item(call("GET", "clouds"))
    assert (cloud["id"], cloud["name"]) == (project["targetCloudId"], "AWS")
    licence = get_only_item(call("GET", "licenses"))
    assert licence["id"] in project["licensesIDs"]
    assert call("GET", f"licenses/{licence['id']}").json() == licence
    credentials = get_only_item(call("GET", "cloudCredentials"))
    assert credentials["cloud"] == cloud["id"]
    assert call("GET", f"cloudCredentials/{credentials['id']}").json() == credentials
    region = get_only_item(call("GET", f"cloudCredentials/{credentials['id']}/regions"))
    assert call("GET", f"cloudCredentials/{credentials['id']}/regions/{region['id']}").json() == region
    for unknown in ("licenses/x", "cloudCredentials/x", "cloudCredentials/x/regions", "clouds/x"):
        assert call("GET", unknown).status_code == 404


def test_a_machine_that_is_sent_back_keeps_the_fields_of_the_console(call: Call, machine: str) -> None:
    path = f"projects/{get_only_item(call('GET', 'projects'))['id']}/machines/{machine}"
    whole = call("GET", path).json()
    changed = {**whole, "replicationStatus": "STOPPED", "tags": ["wave-1"]}
    changed["lifeCycle"] = {**whole["lifeCycle"], "lastTestLaunchDateTime": "2026-11-29T09:00:00.000000+00:00"}

    response = call("PATCH", path, changed)

    assert response.status_code == 200, response.text
    assert (response.json()["replicationStatus"], response.json()["tags"]) == ("STARTED", ["wave-1"])
    assert response.json()["lifeCycle"]["lastTestLaunchDateTime"].startswith("2026-11-29T09")
    assert call("PATCH", path, {"lifeCycle": {"lastTestLaunchDateTime": "soon"}}).status_code == 422
    assert call("DELETE", path).status_code == 204
