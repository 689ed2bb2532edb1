"""Why no command can reach a hybrid node: one sentence with what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from common.clients.machines import Machines
from common.clients.nodes import Nodes, describe_problem
from common.errors import RetryableCommandError, StepFailed

OLD, NEW = "mi-0a1b2c3d4e5f60718", "mi-0f1e2d3c4b5a69788"
ONE = [{"Key": "InstanceIds", "Values": [OLD]}]
ALL = [{"Key": "ResourceType", "Values": ["ManagedInstance"]}]
COMMAND = "12345678-1234-1234-1234-123456789012"


def node(node_id: str = OLD, status: str = "Online", host: str = "git.example.com", **more: Any) -> dict[str, Any]:
    return {"InstanceId": node_id, "PingStatus": status, "ComputerName": host, "PlatformType": "Linux", **more}


OFFLINE = node(status="ConnectionLost", LastPingDateTime=datetime(2026, 11, 30, 8, 1, tzinfo=UTC))


@pytest.fixture
def ssm() -> Any:
    return boto3.client("ssm", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


def expect(stub: Stubber, filters: list[dict[str, Any]], *found: dict[str, Any]) -> None:
    stub.add_response("describe_instance_information", {"InstanceInformationList": list(found)}, {"Filters": filters})


def test_an_online_node_has_no_problem(ssm: Any) -> None:
    with Stubber(ssm) as stub:
        expect(stub, ONE, node())
        assert Nodes(ssm).find_problem(OLD) is None


def test_an_instance_is_not_looked_up(ssm: Any) -> None:
    with Stubber(ssm):
        assert Nodes(ssm).find_problem("i-0a1b2c3d4e5f60718") is None


@pytest.mark.parametrize("is_error", [False, True])
def test_an_unknown_node_is_named(ssm: Any, is_error: bool) -> None:
    with Stubber(ssm) as stub:
        if is_error:
            stub.add_client_error("describe_instance_information", "InvalidInstanceId")
        else:
            expect(stub, ONE)
        found = Nodes(ssm).find_problem(OLD)
    assert found is not None
    assert found.reason == f"Systems Manager has no node {OLD} in this account and region"
    assert "correct node_id in migration.toml" in found.next_action


def test_a_host_that_is_registered_again_is_named_by_its_new_id(ssm: Any) -> None:
    with Stubber(ssm) as stub:
        expect(stub, ONE, OFFLINE)
        expect(stub, ALL, OFFLINE, node(NEW))
        found = Nodes(ssm).find_problem(OLD)
    assert found is not None
    assert found.reason == (
        f"the node {OLD} (host git.example.com) is not connected to Systems Manager since 2026-11-30 08:01 UTC,"
        f" and the same host is registered and online as {NEW}"
    )
    assert found.next_action == (
        f"write {NEW} as node_id into migration.toml, adopt the server with that id, and deregister {OLD}"
    )


@pytest.mark.parametrize(
    "other",
    [node(NEW, "ConnectionLost"), node(NEW, host="other.example.com"), node(OLD)],
)
def test_an_offline_node_is_not_mistaken_for_another(other: Any) -> None:
    found = describe_problem(OLD, OFFLINE, [other])  # type: ignore[arg-type]
    assert found is not None
    assert "registered and online" not in found.reason
    assert "systemctl status amazon-ssm-agent" in found.next_action


def test_hosts_without_a_name_are_not_the_same() -> None:
    found = describe_problem(OLD, node(status="ConnectionLost", host=""), [node(NEW, host="")])  # type: ignore[arg-type, list-item]
    assert found is not None
    assert NEW not in found.reason


def test_a_node_with_another_system_is_refused() -> None:
    found = describe_problem(OLD, node(PlatformType="Windows"), [])  # type: ignore[arg-type]
    assert found is not None
    assert "runs Windows" in found.reason


def test_a_command_that_does_not_reach_a_hybrid_node_has_the_reason(ssm: Any) -> None:
    with Stubber(ssm) as stub:
        stub.add_client_error("send_command", "InvalidInstanceId")
        expect(stub, ONE)
        with pytest.raises(RetryableCommandError, match="has no node"):
            Machines(ssm).send(OLD, "check", {}, seconds=60)
        stub.add_response("get_command_invocation", {"Status": "TimedOut", "StatusDetails": "DeliveryTimedOut"})
        expect(stub, ONE, OFFLINE)
        expect(stub, ALL, OFFLINE)
        with pytest.raises(RetryableCommandError, match=r"DeliveryTimedOut\): the node .* is not connected"):
            Machines(ssm).poll(COMMAND, OLD, "check")


def test_a_missing_right_is_no_healthy_node(ssm: Any) -> None:
    with Stubber(ssm) as stub:
        stub.add_client_error("describe_instance_information", "AccessDeniedException")
        with pytest.raises(StepFailed, match="ssm:DescribeInstanceInformation"):
            Nodes(ssm).find_problem(OLD)
