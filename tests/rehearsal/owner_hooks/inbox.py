"""A subscriber of the topic of messages for people: a queue, which gets the JSON for chat."""

from __future__ import annotations

import json
from typing import Any

from rehearsal.job.rehearse import Job


class Inbox:
    """Subscribes to the topic. To be created before the first run."""

    def __init__(self, job: Job) -> None:
        self._sqs = job.aws.make_client("sqs")
        self._url = self._sqs.create_queue(QueueName="people")["QueueUrl"]
        found = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        arn = found["Attributes"]["QueueArn"]
        sns = job.aws.make_client("sns")
        (topic,) = [one["TopicArn"] for one in sns.list_topics()["Topics"] if one["TopicArn"].endswith("-messages")]
        policy = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        self._sqs.set_queue_attributes(
            QueueUrl=self._url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [policy]})}
        )
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def take(self) -> list[dict[str, Any]]:
        """Return the notifications since the last call, in the order in which SNS has published them."""
        found: list[tuple[str, dict[str, Any]]] = []
        while received := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get(
            "Messages", []
        ):
            for raw in received:
                envelope = json.loads(raw["Body"])
                found.append((envelope["Timestamp"], json.loads(envelope["Message"])))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=raw["ReceiptHandle"])
        return [notification for _, notification in sorted(found, key=lambda one: one[0])]
