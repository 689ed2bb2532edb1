"""Take up interrupted runs: the execution was stopped, or ended before it could roll back, and the record still holds the site.

A follow-up is an execution of the same state machine. It reads the record, and rolls the run back, or after the commit does the remaining steps.
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
MAX_FOLLOW_UPS = 3
"""of one run: the first one may be stopped as well"""


class StepFunctionsClient(Protocol):
    """The part of common.clients.executions.Executions that is needed here."""

    def start(self, name: str, given: Mapping[str, Any]) -> None: ...

    def describe(self, name: str) -> Execution | None: ...


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """Starts follow-ups and looks at them."""

    runs: Runs
    executions: StepFunctionsClient

    def find_interrupted(self, run_id: str) -> Record | None:
        """Return the record of a run that holds the site although its execution is over. None: it does not hold it, or its execution works."""
        execution = self.executions.describe(run_id)
        if execution is None or execution.running or execution.status == "SUCCEEDED":
            return None
        record = self.runs.read()
        return record if record.run_id == run_id and record.lock_expires > 0 else None

    def is_settled(self, run: Mapping[str, Any]) -> bool:
        """Return whether the run holds the site no longer. Call until then: starts the follow-up that is missing. Harmless to repeat.

        `run` is the input of the run (common.run.Run). StepFailed: MAX_FOLLOW_UPS follow-ups have ended, and the run still holds the site.
        """
        run_id = str(run["run_id"])
        for number in range(1, MAX_FOLLOW_UPS + 1):
            name = follow_up_name(run_id, number)
            execution = self.executions.describe(name)
            if execution is not None and execution.running:
                return False
            if self.find_interrupted(run_id) is None:
                return True
            if execution is None:
                self.executions.start(name, {"run": {**run, "rollback": True}, "memory": {}})
                return False
        raise StepFailed(
            f"run {run_id} still holds the site after {MAX_FOLLOW_UPS} executions that should have ended it",
            phase="Roll back",
            next_action=f"look at the executions {run_id}{SUFFIX}…; a frozen source opens by itself when its lease has ended",
        )


def follow_up_name(run_id: str, number: int) -> str:
    """Return the name of the execution."""
    return f"{run_id}{SUFFIX}" + (f"-{number}" if number > 1 else "")
