"""What EventBridge gets from MGN."""

from __future__ import annotations

import json
from secrets import token_hex
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, Stack
from aws_cdk.assertions import Template
from common.clients.provider_events import QueuedProviderEvents
from common.clients.queue import Queue as QueueClient
from common.clock import SystemClock
from providers import ProviderEvents
from providers.mgn import Mgn
from settings.providers.mgn import MgnSettings

from rehearsal.aws.clients import Clients
from rehearsal.aws.faults import client as faults
from rehearsal.settings import Settings
from tests.roles import policy, statement
from tests.unit.aws.mgn.source_servers import Register, Server
from tests.waiting import wait_until


class Queue:
    """Gets every event of MGN that a rule passes on."""

    def __init__(self, aws: Clients) -> None:
        self._sqs, name = aws("sqs"), f"mgn-{token_hex(4)}"
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        admitted = statement("sqs:SendMessage", arn, Principal={"Service": "events.amazonaws.com"})
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": json.dumps(policy(admitted))})
        aws("events").put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.mgn"]}))
        aws("events").put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
        self._seen: list[dict[str, Any]] = []

    def of(self, server: Server, count: int) -> list[tuple[str, dict[str, Any]]]:
        """The first `count` events of a server."""
        arn = server.describe()["arn"]

        def received() -> list[dict[str, Any]] | None:
            found = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            self._seen += [json.loads(message["Body"]) for message in found.get("Messages", [])]
            ours = [event for event in self._seen if event["resources"] == [arn]]
            return ours if len(ours) >= count else None

        events: list[dict[str, Any]] = wait_until(received, f"{count} events of {server.id}")
        return [(event["detail-type"], event["detail"]) for event in events]


@pytest.fixture
def queue(aws: Clients) -> Queue:
    return Queue(aws)


def test_a_server_is_ready_for_test_once(queue: Queue, register: Register, subnet: str) -> None:
    server = register()
    server.place(subnet)
    server.launch()
    server.change("READY_FOR_TEST")
    job = server.launch()
    events = queue.of(server, 3)
    assert events[0] == ("MGN Source Server Lifecycle State Change", {"state": "READY_FOR_TEST"})
    assert [kind for kind, _ in events[1:]] == ["MGN Source Server Launch Result"] * 2
    assert events[2][1] == {"state": "TEST_LAUNCH_SUCCEEDED", "job-id": job.record["jobID"]}


def test_the_result_of_a_cutover_is_sent_when_it_fails_and_when_it_succeeds(
    queue: Queue, register: Register, subnet: str
) -> None:
    server = register()
    server.change("READY_FOR_CUTOVER")
    server.launch("cutover")
    server.place(subnet)
    server.launch("cutover")
    states = [detail["state"] for _, detail in queue.of(server, 3)]
    assert states == ["READY_FOR_TEST", "CUTOVER_LAUNCH_FAILED", "CUTOVER_LAUNCH_SUCCEEDED"]


def test_a_stall_is_sent_with_its_begin_and_its_end(settings: Settings, queue: Queue, register: Register) -> None:
    server = register()
    with faults.inject_fault(settings, "mgn-stalled", server=server.id, error="UNSTABLE_NETWORK"):
        server.describe()
    events = queue.of(server, 3)  # reading the server shows the end
    assert events[1:] == [
        ("MGN Source Server Data Replication Stalled Change", {"state": "STALLED"}),
        ("MGN Source Server Data Replication Stalled Change", {"state": "NOT_STALLED"}),
    ]


@pytest.fixture
def queue_url(aws: Clients) -> str:
    """The queue of a site, deployed by CloudFormation."""
    stack = Stack(App(), "Events")
    pattern = Mgn(MgnSettings(kind="mgn", source_server_name="gogs")).event_pattern
    CfnOutput(stack, "Url", value=ProviderEvents(stack, "ProviderEvents", pattern=pattern).queue.queue_url)
    template = dict(Template.from_stack(stack).to_json())
    template.pop("Rules", None)
    template.pop("Parameters", None)  # the CDK's version of the bootstrap, which nothing uses here
    name, cloudformation = f"events-{token_hex(4)}", aws("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))

    def created() -> dict[str, Any] | None:
        (found,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        assert "FAILED" not in found["StackStatus"], found
        assert "ROLLBACK" not in found["StackStatus"], found
        return dict(found) if found["StackStatus"] == "CREATE_COMPLETE" else None

    (output,) = wait_until(created, "the stack with the queue")["Outputs"]
    return str(output["OutputValue"])


def test_a_procedure_that_waits_gets_the_events_of_its_server_from_the_deployed_queue(
    aws: Clients, queue_url: str, register: Register, subnet: str
) -> None:
    events = QueuedProviderEvents(QueueClient(aws("sqs"), queue_url), SystemClock())
    server = register()
    assert events.wait(server.id, seconds=10), "no event of the initial sync"

    server.place(subnet)
    server.launch()
    wait_until(lambda: events.wait(server.id, seconds=1), "the event of the launch")

    assert not events.wait("s-00000000000000000", seconds=1)
