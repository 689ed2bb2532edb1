"""A message for people on an emulated SNS: a subscriber gets the form of its protocol, and only the events that it wants."""

from __future__ import annotations

import json
from typing import Any

import boto3
from common.clients.messages import TopicMessages
from common.message import Message


def create_message(event: Any) -> Message:
    return Message(
        event=event,
        site="gogs",
        run_id="m1-c-1",
        kind="cutover",
        at=1_767_261_605.0,
        subject=str(event),
        happened="It happened.",
        users="they read as before.",
        next_action="wait.",
    )


def test_a_subscriber_gets_the_events_that_its_filter_selects(emulator: str) -> None:
    session: Any = boto3.session.Session("test", "test", region_name="us-east-1")
    sns, sqs = (session.client(name, endpoint_url=emulator) for name in ("sns", "sqs"))
    topic = sns.create_topic(Name="cutover-gogs-messages")["TopicArn"]
    queue = sqs.create_queue(QueueName="people")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"FilterPolicy": json.dumps({"event": ["committed"]})},
    )

    messages = TopicMessages(sns, topic)
    for event in ("frozen", "committed"):
        messages.send(create_message(event))

    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=2)["Messages"]
    (envelope,) = [json.loads(one["Body"]) for one in received]
    assert json.loads(envelope["Message"]) == create_message("committed").build_notification()
    assert envelope["Subject"] == "gogs: committed"
