"""Send messages to people through an SNS topic. Its subscribers choose mail, a function or a chat channel."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from common.clients.aws import translate_aws_errors
from common.message import Message

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

TEXT_PROTOCOLS, JSON_PROTOCOLS = ("default", "email"), ("http", "https", "lambda", "sqs")
"""protocols of subscriptions: which form of the message each gets"""


class Messages(Protocol):
    """Sends messages to people."""

    @property
    def is_enabled(self) -> bool: ...
    def send(self, message: Message) -> None: ...
    def run_in_background(self, work: Callable[[], None]) -> None: ...


class NoMessages:
    """Implements Messages for a function without a topic."""

    is_enabled = False

    def send(self, message: Message) -> None:
        """Send nothing."""

    def run_in_background(self, work: Callable[[], None]) -> None:
        """Do nothing."""


class TopicMessages:
    """Implements Messages. The client `sns` must have short time limits, because a run waits for `send`."""

    is_enabled = True

    def __init__(self, sns: SNSClient, topic_arn: str) -> None:
        self._sns, self._topic_arn = sns, topic_arn

    def send(self, message: Message) -> None:
        """Publish the message. Raises CutoverError when SNS does not accept it."""
        notification = json.dumps(message.build_notification(), ensure_ascii=False)
        bodies = {
            **dict.fromkeys(TEXT_PROTOCOLS, message.format_text()),
            **dict.fromkeys(JSON_PROTOCOLS, notification),
            "sms": message.format_subject(),
        }
        with translate_aws_errors("sns:Publish"):
            self._sns.publish(
                TopicArn=self._topic_arn,
                Subject=message.format_subject(),
                MessageStructure="json",
                Message=json.dumps(bodies, ensure_ascii=False),
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value}
                    for name, value in (("event", message.event), ("site", message.site))
                },
            )

    def run_in_background(self, work: Callable[[], None]) -> None:
        """Start `work`, which sends a message, and return at once. Nobody waits for it.

        Lambda suspends the thread between two invocations, and goes on with it in the next invocation of the same instance.
        """
        threading.Thread(target=work, name="message", daemon=True).start()
