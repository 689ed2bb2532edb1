"""The record of a dry run, and the report of its replica, which it does not launch."""

from __future__ import annotations

from common.clients.reports import Message
from common.clients.runs import Runs
from common.run import Run

from procedure.dry_clients.results import CHECKS, DRY


class DryRuns(Runs):
    """The run record of dry runs, an item of its own. `commit` does not pass the point of no return."""

    REMOVED_ON_RELEASE = ("lock_expires", "lease_expires")
    """the lease too: no source was frozen, so the next dry run does not have to wait for it"""

    def commit(self, run_id: str, *, margin: float) -> float:  # noqa: ARG002
        return self._clock.now()


class DryReports:
    def __init__(self, run: Run) -> None:
        self._run = run

    def receive(self, *, wait_seconds: int) -> list[Message]:  # noqa: ARG002
        report = {
            "run_id": self._run.run_id,
            "launch": self._run.launch,
            "instance_id": DRY,
            "outcome": "pass",
            "checks": CHECKS,
            "image_id": DRY,
        }
        return [Message(receipt=DRY, body=report)]

    def delete(self, message: Message) -> None: ...
