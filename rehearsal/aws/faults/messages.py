"""Deliver messages twice. SNS and SQS guarantee only at-least-once delivery."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from rehearsal.aws.faults.kinds import Fault, Faults, match_kind
from rehearsal.aws.registry import Registry

Message = dict[str, Any]


class MessageFaults:
    """Intercepts the delivery of SNS and SQS."""

    def __init__(self, registry: Registry, faults: Faults) -> None:
        self._faults = faults
        self._queue = registry.get_function("sqs", "_get_q")
        self._fan_out = registry.get_function("sns", "_fanout")
        self._dispatch = registry.get_function("sqs", "_dispatch")
        self._delete = registry.get_function("sqs", "_delete_messages_for_esm")
        registry.replace_function("sns", "_fanout", self.fan_out)
        registry.replace_function("sqs", "_dispatch", self.dispatch)
        registry.replace_function("sqs", "_delete_messages_for_esm", self.delete)

    def fan_out(self, topic: str, identity: str, message: str, *rest: Any, **named: Any) -> None:
        """Deliver a message, twice if a fault hits it. Both copies have the same message id, as on AWS."""
        self._fan_out(topic, identity, message, *rest, **named)
        name = topic.rpartition(":")[2]
        if self._faults.find_hit(
            match_kind("sns-duplicate", lambda one: fnmatchcase(name, one.topic) and one.body in message)
        ):
            self._fan_out(topic, identity, message, *rest, **named)

    async def dispatch(self, action: str, data: dict[str, Any], url: str) -> dict[str, Any]:
        """Run an API call of SQS."""
        entries = {"DeleteMessage": [data], "DeleteMessageBatch": data.get("Entries", [])}.get(action, [])
        queue = data.get("QueueUrl", url)
        deleted = self._list_received(queue, {entry.get("ReceiptHandle", "") for entry in entries}) if entries else []
        response: dict[str, Any] = await self._dispatch(action, data, url)
        self._redeliver(queue, deleted)
        return response

    def delete(self, url: str, receipts: set[str]) -> None:
        """Delete the messages that a function has processed."""
        deleted = self._list_received(url, receipts)
        self._delete(url, receipts)
        self._redeliver(url, deleted)

    def _list_received(self, url: str, receipts: Collection[str]) -> list[Message]:
        return [one for one in self._queue(url)["messages"] if one["receipt_handle"] in receipts]

    def _redeliver(self, url: str, deleted: Iterable[Message]) -> None:
        name = url.rpartition("/")[2]
        for message in deleted:
            if self._faults.find_hit(match_kind("sqs-redeliver", partial(_is_hit, name, str(message["body"])))):
                self._queue(url)["messages"].append({**message, "receipt_handle": None, "visible_at": time.time()})


def _is_hit(queue: str, body: str, fault: Fault) -> bool:
    return fnmatchcase(queue, fault.queue) and fault.body in body
