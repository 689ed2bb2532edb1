"""A run that nobody works on any more: its execution was stopped, or ended where it could not even roll back, and its record still holds the site.

A follow-up, an execution of the same state machine, asks the record: it rolls the run back, or after the commit does what is left to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from common.clients.executions import Execution
from common.clients.run_record import Record
from common.clients.runs import Runs
from common.errors import StepFailed

SUFFIX = "-rollback"
MOST = 3
"""follow-ups of one run: the first may be stopped as well"""


class Starts(Protocol):
    """What is needed of common.clients.executions.Executions."""

    def start(self, name: str, given: Mapping[str, Any]) -> None: ...

    def describe(self, name: str) -> Execution | None: ...


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    runs: Runs
    executions: Starts

    def needed(self, run_id: str) -> Record | None:
        """The record of a run that holds the site although its own execution is over. None: it does not, or somebody works on it."""
        execution = self.executions.describe(run_id)
        if execution is None or execution.running or execution.status == "SUCCEEDED":
            return None
        record = self.runs.read()
        return record if record.run_id == run_id and record.lock_expires > 0 else None

    def settled(self, run: Mapping[str, Any]) -> bool:
        """True when the run holds the site no longer. To be called until then; starts what is missing, harmless to repeat.

        `run` is the input that the run was started with (common.run.Run). StepFailed: MOST follow-ups have ended, and it is held still.
        """
        run_id = str(run["run_id"])
        for number in range(1, MOST + 1):
            name = follow_up_name(run_id, number)
            execution = self.executions.describe(name)
            if execution is not None and execution.running:
                return False
            if self.needed(run_id) is None:
                return True
            if execution is None:
                self.executions.start(name, {"run": {**run, "rollback": True}, "memory": {}})
                return False
        raise StepFailed(
            f"run {run_id} still holds the site after {MOST} executions that should have ended it",
            phase="Roll back",
            next_action=f"look at the executions {run_id}{SUFFIX}…; a frozen source opens by itself when its lease has ended",
        )


def follow_up_name(run_id: str, number: int) -> str:
    return f"{run_id}{SUFFIX}" + (f"-{number}" if number > 1 else "")
