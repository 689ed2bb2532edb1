"""An execution that runs longer than the TimeoutSeconds of its state machine ends as TIMED_OUT.

ministack supports only the limit of a task. https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
"""

from __future__ import annotations

import contextvars
import json
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Timer
from typing import Any

from rehearsal.aws.registry import Registry


def install(registry: Registry) -> None:
    """Register it with ministack. The thread of an execution that was ended so stops at its next event: see aborted_executions."""
    run: Callable[[str], None] = registry.get_function("stepfunctions", "_run_execution")
    publish: Callable[[dict[str, Any]], None] = registry.get_function("stepfunctions", "_emit_execution_status_event")

    def end(execution: dict[str, Any]) -> None:
        if execution["status"] != "RUNNING":
            return
        execution.update(status="TIMED_OUT", error="States.Timeout", stopDate=datetime.now(UTC).isoformat())
        registry.get_function("stepfunctions", "_add_event")(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {"error": "States.Timeout"}})  # fmt: skip
        publish(execution)

    def run_within(arn: str) -> None:
        execution = registry.get_records("stepfunctions", "executions")[arn]
        seconds = _read_limit(registry.get_records("stepfunctions", "state_machines").get(execution["stateMachineArn"]))
        if seconds is None:
            run(arn)
            return
        timer = Timer(seconds, contextvars.copy_context().run, (end, execution))
        timer.daemon = True
        timer.start()
        try:
            run(arn)
        finally:
            timer.cancel()

    registry.replace_function("stepfunctions", "_run_execution", run_within)


def _read_limit(machine: Any) -> float | None:
    try:
        return float(json.loads(machine["definition"])["TimeoutSeconds"])
    except (KeyError, TypeError, ValueError):
        return None
