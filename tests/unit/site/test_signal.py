"""A server reports to CloudFormation that it serves, and serves in any case."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from cutover_site.launch import signal

TAGS = {"cutover:stack": "ServersStack", "cutover:resource": "ServersGroupASG"}


class CloudFormation:
    def __init__(self, refusal: str = "") -> None:
        self.refusal, self.signals = refusal, list[dict[str, str]]()

    def signal_resource(self, **request: str) -> None:
        if self.refusal:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": self.refusal}}, "SignalResource")
        self.signals.append(request)


def create_target(client: CloudFormation, tags: dict[str, str]) -> Any:
    aws = SimpleNamespace(get_client=lambda service: {"cloudformation": client}[service])
    return SimpleNamespace(tags=tags, instance_id="i-1", aws=aws)


def test_the_signal_names_the_stack_the_group_and_the_instance() -> None:
    client = CloudFormation()
    assert signal.report_serving(create_target(client, TAGS)) is True
    assert client.signals == [
        {
            "StackName": "ServersStack",
            "LogicalResourceId": "ServersGroupASG",
            "UniqueId": "i-1",
            "Status": "SUCCESS",
        }
    ]


def test_a_server_that_no_update_waits_for_serves() -> None:
    client = CloudFormation("Stack is in UPDATE_COMPLETE state and cannot be signaled")
    assert signal.report_serving(create_target(client, TAGS)) is False


def test_a_server_of_an_earlier_release_sends_nothing() -> None:
    client = CloudFormation()
    assert signal.report_serving(create_target(client, {})) is False
    assert client.signals == []
