"""Hybrid nodes: their description, their credentials, and which machines are no nodes of Systems Manager."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.ssm import agents as agents_module
from rehearsal.aws.ssm.nodes import REGISTRATION
from tests.unit.aws.ssm.conftest import ADDRESS, ROLE, Service


@pytest.fixture
def node(service: Service) -> dict[str, Any]:
    """A registered node: its id, its key and its fingerprint, as its agent sends them."""
    activation = service.call(
        "CreateActivation", iam_role=ROLE, default_instance_name="git", tags=[{"Key": "site", "Value": "forge"}]
    )
    status, document = service.register(activation)
    assert status == 200
    return {"instanceId": document["instanceId"], "key": document["key"], "fingerprint": "own"}


def describe(service: Service, *filters: tuple[str, list[str]]) -> list[dict[str, Any]]:
    asked = [{"Key": key, "Values": values} for key, values in filters]
    found: list[dict[str, Any]] = service.call("DescribeInstanceInformation", filters=asked)["InstanceInformationList"]
    return found


def test_a_hybrid_node_is_described_with_its_activation_and_role(service: Service, node: dict[str, Any]) -> None:
    (found,) = describe(service, ("ResourceType", ["ManagedInstance"]), ("IamRole", [ROLE]))
    assert found["InstanceId"] == node["instanceId"]
    assert found["InstanceId"].startswith("mi-")
    assert len(found["InstanceId"]) == 20
    assert (found["PingStatus"], found["ComputerName"], found["IPAddress"]) == ("Online", "forge.example.org", ADDRESS)
    assert (found["Name"], found["IamRole"], found["ResourceType"]) == ("git", ROLE, "ManagedInstance")


def test_a_node_whose_machine_does_not_run_has_lost_its_connection(service: Service, node: dict[str, Any]) -> None:
    service.running.clear()
    assert service.nodes.find_online(node["instanceId"]) is None
    assert describe(service)[0]["PingStatus"] == "ConnectionLost"


def test_a_node_whose_agent_is_silent_has_lost_its_connection(service: Service, node: dict[str, Any]) -> None:
    service.registrations.get_node(node["instanceId"]).seen = datetime.now(UTC) - timedelta(minutes=1)
    assert describe(service, ("PingStatus", ["ConnectionLost"]))
    assert service.send("heartbeat", **node)[0] == 200
    assert describe(service, ("PingStatus", ["Online"]))


def test_a_heartbeat_returns_credentials_of_the_role_in_the_nodes_name(service: Service, node: dict[str, Any]) -> None:
    _, document = service.send("heartbeat", **node)
    assert set(document["credentials"]) == {"accessKeyId", "secretAccessKey", "sessionToken"}
    assert service.sessions.begun == [(service.sessions.roles[ROLE].arn, node["instanceId"])]
    assert service.send("heartbeat", **node)[1]["credentials"] == document["credentials"]


def test_the_credentials_change_when_half_of_their_time_is_over(
    service: Service, node: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = service.send("heartbeat", **node)[1]["credentials"]
    later = datetime.now(UTC) + timedelta(minutes=31)
    monkeypatch.setattr(agents_module, "now", lambda: later)
    assert service.send("heartbeat", **node)[1]["credentials"] != first


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"key": "other"}, "AccessDeniedException"),
        ({"fingerprint": "of a copy"}, "MachineFingerprintDoesNotMatch"),
        ({"instanceId": "mi-00000000000000000"}, "InvalidInstanceId"),
        ({"fingerprint": ""}, "ValidationException"),
    ],
)
def test_another_agent_gets_no_credentials(
    service: Service, node: dict[str, Any], wrong: dict[str, str], code: str
) -> None:
    status, document = service.send("heartbeat", **{**node, **wrong})
    assert status >= 400
    assert document["code"] == code


def test_a_role_that_no_longer_trusts_the_service_gives_no_credentials(service: Service, node: dict[str, Any]) -> None:
    del service.sessions.roles[ROLE]
    assert service.send("heartbeat", **node)[1]["code"] == "ValidationException"


def test_a_node_gets_the_credentials_of_its_new_role(service: Service, node: dict[str, Any]) -> None:
    service.send("heartbeat", **node)
    service.call("UpdateManagedInstanceRole", instance_id=node["instanceId"], iam_role="service-role/Nodes")
    service.send("heartbeat", **node)
    assert service.sessions.begun[-1][0].endswith("role/service-role/Nodes")


def test_a_deregistered_node_is_unknown_and_its_agent_is_refused(service: Service, node: dict[str, Any]) -> None:
    service.call("DeregisterManagedInstance", instance_id=node["instanceId"])
    assert describe(service) == []
    assert service.send("heartbeat", **node)[1]["code"] == "InvalidInstanceId"
    with pytest.raises(ApiError) as caught:
        service.call("DeregisterManagedInstance", instance_id=node["instanceId"])
    assert caught.value.code == "InvalidInstanceId"


def test_a_machine_that_registers_again_is_a_second_node_of_the_same_name(
    service: Service, node: dict[str, Any]
) -> None:
    status, again = service.register(service.call("CreateActivation", iam_role=ROLE))
    assert status == 200
    assert again["instanceId"] != node["instanceId"]
    assert {one["ComputerName"] for one in describe(service)} == {"forge.example.org"}


def test_a_machine_of_no_known_address_is_refused(service: Service) -> None:
    activation = service.call("CreateActivation", iam_role=ROLE)
    status, document = service.register(activation, address="192.168.7.99")
    assert (status, document["code"]) == (400, "ValidationException")
    assert service.call("DescribeActivations")["ActivationList"][0]["RegistrationsCount"] == 0


def test_an_instance_with_the_disk_of_a_hybrid_node_does_not_report_as_an_instance(
    service: Service, make_instance: Callable[[str], Any], tmp_path: Path
) -> None:
    service.instances[:] = [make_instance("i-own"), make_instance("i-copy")]
    file = tmp_path / "i-copy" / REGISTRATION
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    assert [one["InstanceId"] for one in describe(service, ("ResourceType", ["EC2Instance"]))] == ["i-own"]
    assert service.nodes.find_online("i-copy") is None
    file.unlink()
    assert service.nodes.find_online("i-copy")


def test_nodes_are_found_by_the_tags_of_their_activation(service: Service, node: dict[str, Any]) -> None:
    assert [one["InstanceId"] for one in describe(service, ("tag:site", ["forge"]))] == [node["instanceId"]]
    assert describe(service, ("tag:site", ["other"])) == []
    with pytest.raises(ApiError, match="the filter Colour"):
        describe(service, ("Colour", ["red"]))
