# ruff: noqa: N803  (parameters have the names of the service)
"""EventBridge and SQS in memory, as far as events of MGN reach the queue of a site."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.unit.mgn.wire import ACCOUNT, REGION
from tests.unit.procedure.clock import FakeClock

URL = "https://sqs/provider-events"
LAUNCH_RESULT = "MGN Source Server Launch Result"
LIFE_CYCLE = "MGN Source Server Lifecycle State Change"
STEP_SECONDS = 0.1


@dataclass
class EventQueue:
    """Implements what common.clients.queue uses of an SQS client. A message can be sent for a later moment."""

    clock: FakeClock
    messages: list[tuple[float, str]] = field(default_factory=list)
    """when each arrives, and its body"""
    hidden: dict[str, str] = field(default_factory=dict)
    """received and not deleted, by receipt"""
    receives: int = 0

    def send(self, server_id: str, kind: str, detail: Mapping[str, str], *, after_seconds: float = 0.0) -> None:
        """Deliver an event as EventBridge writes it."""
        self.send_text(
            json.dumps(
                {
                    "version": "0",
                    "source": "aws.mgn",
                    "detail-type": kind,
                    "account": ACCOUNT,
                    "region": REGION,
                    "resources": [f"arn:aws:mgn:{REGION}:{ACCOUNT}:source-server/{server_id}"],
                    "detail": dict(detail),
                }
            ),
            after_seconds=after_seconds,
        )

    def send_text(self, body: str, *, after_seconds: float = 0.0) -> None:
        self.messages.append((self.clock.now() + after_seconds, body))

    def receive_message(self, *, QueueUrl: str, MaxNumberOfMessages: int, WaitTimeSeconds: int) -> dict[str, Any]:
        assert QueueUrl == URL
        assert 0 < WaitTimeSeconds <= 20
        self.receives += 1
        until = self.clock.now() + WaitTimeSeconds
        while not (due := [one for one in self.messages if one[0] <= self.clock.now()]) and self.clock.now() < until:
            self.clock.sleep(min(STEP_SECONDS, until - self.clock.now()))
        received = due[:MaxNumberOfMessages]
        found: list[dict[str, str]] = []
        for one in received:
            self.messages.remove(one)
            receipt = f"r-{self.receives}-{len(found)}"
            self.hidden[receipt] = one[1]
            found.append({"ReceiptHandle": receipt, "Body": one[1]})
        return {"Messages": found} if found else {}

    def delete_message(self, *, QueueUrl: str, ReceiptHandle: str) -> None:
        assert QueueUrl == URL
        del self.hidden[ReceiptHandle]
