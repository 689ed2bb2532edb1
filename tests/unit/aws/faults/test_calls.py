"""Faults of API calls and of messages, observed through boto3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.aws.clients import Clients
from rehearsal.aws.faults import client
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings
from tests.roles import policy, statement

CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("dynamodb", "ListTables", {}),
    ("ec2", "DescribeVpcs", {}),
    ("sqs", "ListQueues", {}),
    ("sns", "ListTopics", {}),
    ("route53", "ListHostedZones", {}),
    (
        "route53",
        "ChangeResourceRecordSets",
        {
            "HostedZoneId": "Z1",
            "ChangeBatch": {"Changes": [{"Action": "DELETE", "ResourceRecordSet": {"Name": "a.example", "Type": "A"}}]},
        },
    ),
    ("s3", "PutObject", {"Bucket": "evidence", "Key": "runs/1.json", "Body": b"x"}),
    ("stepfunctions", "ListStateMachines", {}),
    ("lambda", "ListFunctions", {}),
    ("elbv2", "DescribeLoadBalancers", {}),
    ("ssm", "DescribeParameters", {}),
    ("cloudformation", "ListStacks", {}),
    ("secretsmanager", "ListSecrets", {}),
    ("efs", "DescribeFileSystems", {}),
]


@pytest.mark.parametrize(("service", "action", "arguments"), CALLS, ids=[f"{one[0]} {one[1]}" for one in CALLS])
def test_an_injected_error_has_the_protocol_of_the_service(
    settings: Settings, aws: Clients, service: str, action: str, arguments: dict[str, Any]
) -> None:
    if service == "s3":
        aws("s3").create_bucket(Bucket=arguments["Bucket"])  # boto3 checks first whether the bucket exists
    fault = client.inject_fault(
        settings, "api-error", service=service, action=action, code="Throttled", status=429, message="<slow> down"
    )

    with pytest.raises(ClientError) as caught:
        aws(service)._make_api_call(action, arguments)

    assert caught.value.response["Error"]["Code"] == "Throttled"
    assert caught.value.response["Error"]["Message"] == "<slow> down"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert fault.read_state()["hits"] == 1


def test_a_fault_after_the_call_leaves_its_effect(settings: Settings, aws: Clients) -> None:
    client.inject_fault(settings, "api-error", service="sqs", action="CreateQueue", when="after", body="done-twice")

    with pytest.raises(ClientError, match="InternalError"):
        aws("sqs").create_queue(QueueName="done-twice")

    assert aws("sqs").get_queue_url(QueueName="done-twice")["QueueUrl"]


def test_only_the_nth_call_with_the_text_in_its_body_fails(settings: Settings, aws: Clients) -> None:
    fault = client.inject_fault(settings, "api-error", service="ec2", action="CreateTags", body="cutover:run id", nth=2)
    vpc = aws("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]

    def tag(key: str) -> None:
        aws("ec2").create_tags(Resources=[vpc], Tags=[{"Key": key, "Value": "x"}])

    tag("other")
    tag("cutover:run id")
    tag("other")
    with pytest.raises(ClientError):
        tag("cutover:run id")
    tag("cutover:run id")
    assert (fault.read_state()["seen"], fault.read_state()["hits"]) == (2, 1)


@pytest.mark.parametrize(
    ("service", "action", "reason"),
    [("states", "*", "boto3 has no service states"), ("sqs", "Receive", "no action like Receive")],
)
def test_a_fault_of_an_unknown_service_or_action_is_rejected(
    settings: Settings, service: str, action: str, reason: str
) -> None:
    with pytest.raises(RehearsalError, match=reason):
        client.inject_fault(settings, "api-error", service=service, action=action)


def create_queue(aws: Clients, name: str) -> str:
    return str(aws("sqs").create_queue(QueueName=name, Attributes={"VisibilityTimeout": "60"})["QueueUrl"])


def receive(aws: Clients, queue: str) -> list[dict[str, Any]]:
    return list(aws("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []))


def test_a_duplicated_message_is_delivered_twice(settings: Settings, aws: Clients) -> None:
    queue = create_queue(aws, "twice")
    topic = aws("sns").create_topic(Name="reports")["TopicArn"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = statement("sqs:SendMessage", arn, Principal={"Service": "sns.amazonaws.com"})
    aws("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy(allowed))})
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    client.inject_fault(settings, "sns-duplicate", topic="rep*", body="pass")

    for message in ("fail", "pass", "pass again"):
        aws("sns").publish(TopicArn=topic, Message=message)

    assert sorted(one["Body"] for one in receive(aws, queue)) == ["fail", "pass", "pass", "pass again"]


@pytest.mark.parametrize("batch", [False, True])
def test_a_deleted_message_is_redelivered_once(settings: Settings, aws: Clients, batch: bool) -> None:
    queue = create_queue(aws, f"again-{batch}")
    client.inject_fault(settings, "sqs-redeliver", queue="again-*")
    aws("sqs").send_message(QueueUrl=queue, MessageBody="one")

    seen = []
    while found := receive(aws, queue):
        seen += found
        receipt = found[0]["ReceiptHandle"]
        if batch:
            aws("sqs").delete_message_batch(QueueUrl=queue, Entries=[{"Id": "1", "ReceiptHandle": receipt}])
        else:
            aws("sqs").delete_message(QueueUrl=queue, ReceiptHandle=receipt)

    assert [one["Body"] for one in seen] == ["one", "one"]
    assert seen[0]["MessageId"] == seen[1]["MessageId"]
    assert seen[0]["ReceiptHandle"] != seen[1]["ReceiptHandle"]
