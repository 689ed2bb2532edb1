"""Writes of the run record that let exactly one caller send each message for people."""

from __future__ import annotations

import json

from boto3.dynamodb.conditions import Attr, ConditionBase

from common.clients.run_conditions import is_of
from common.clients.run_item import RunItem

MESSAGE_TRIES = 3


class RunMessages(RunItem):
    """A part of common.clients.runs.Runs."""

    def claim_message(self, run_id: str, name: str) -> bool:
        """Claim a message for people. Only the caller that gets True may send it. False: it was claimed before, or this is not the run."""
        return self._write_message(run_id, name, 0.0, only_new=True)

    def confirm_message(self, run_id: str, name: str) -> None:
        """Record that a claimed message was sent."""
        self._write_message(run_id, name, self._clock.now(), only_new=False)

    def _write_message(self, run_id: str, name: str, moment: float, *, only_new: bool) -> bool:
        """Write one entry of `messages` if nobody has changed the attribute since it was read."""
        for _ in range(MESSAGE_TRIES):
            known = self.read()
            if known.run_id != run_id or (only_new and name in known.messages):
                return False
            unchanged: ConditionBase = Attr("messages").not_exists()
            if known.messages:
                unchanged = Attr("messages").eq(json.dumps(dict(known.messages)))
            messages = {**known.messages, name: round(moment, 3)}
            if self._write({"messages": messages}, is_of(run_id) & unchanged) is not None:
                return True
        return False
