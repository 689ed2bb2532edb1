"""An execution that was stopped, or that ran longer than it may, does nothing more.

ministack 1.5.33 looks at an execution's status between two states only: a task that is retried is invoked again and again
after StopExecution, and its end overwrites ABORTED.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from rehearsal.aws.registry import Registry

AddEvent = Callable[..., Any]
Run = Callable[[str], None]


ENDED = {"ABORTED": "ExecutionAborted", "TIMED_OUT": "ExecutionTimedOut"}
"""status, and the event that brings it"""


class _Ended(BaseException):
    """Ends the thread of an execution. No handler of errors may take it for a failure of the task."""


def install(registry: Registry) -> None:
    """End the thread of an aborted execution when it records its next attempt of a task."""
    add: AddEvent = registry.get_function("stepfunctions", "_add_event")

    def add_unless_aborted(execution: dict[str, Any], kind: str, *details: Any) -> Any:
        if ENDED.get(execution["status"], kind) != kind:
            raise _Ended
        return add(execution, kind, *details)

    run: Run = registry.get_function("stepfunctions", "_run_execution")

    def run_to_its_end(execution: str) -> None:
        with contextlib.suppress(_Ended):
            run(execution)

    registry.replace_function("stepfunctions", "_add_event", add_unless_aborted)
    registry.replace_function("stepfunctions", "_run_execution", run_to_its_end)
