"""A queue of messages that are JSON objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from common.clients.aws import translate_aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_WAIT_SECONDS = 20
"""of a long poll (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html)"""

SLICE_SECONDS = 2
"""of a long poll whose caller must notice other things meanwhile"""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message of the queue."""

    receipt: str
    body: Mapping[str, Any]


class Queue:
    """The client of one queue."""

    def __init__(self, sqs: SQSClient, queue_url: str) -> None:
        self._sqs, self._url = sqs, queue_url

    def receive(self, *, wait_seconds: int) -> list[Message]:
        """Receive messages, with a long poll of 20 seconds at most. A body that is no JSON object becomes an empty one."""
        with translate_aws_errors("sqs:ReceiveMessage"):
            response = self._sqs.receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=min(wait_seconds, MAX_WAIT_SECONDS)
            )
        return [
            Message(receipt=raw["ReceiptHandle"], body=_parse_object(raw["Body"]))
            for raw in response.get("Messages", [])
        ]

    def delete(self, message: Message) -> None:
        """Delete a received message."""
        with translate_aws_errors("sqs:DeleteMessage"):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt)

    def post(self, body: Mapping[str, Any]) -> None:
        """Send a message."""
        with translate_aws_errors("sqs:SendMessage"):
            self._sqs.send_message(QueueUrl=self._url, MessageBody=json.dumps(body, ensure_ascii=False))


def _parse_object(text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
