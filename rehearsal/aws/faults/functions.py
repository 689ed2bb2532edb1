"""Inject faults into invocations by any caller: the API, Step Functions, SNS, queues, CloudFormation."""

from __future__ import annotations

import logging
from typing import Any

from rehearsal.aws.faults.kinds import Fault, Faults
from rehearsal.aws.registry import Registry

_log = logging.getLogger(__name__)
_DEFAULT_TIMEOUT = 3
Result = dict[str, Any]


class FunctionFaults:
    """Intercepts every run of a function."""

    def __init__(self, registry: Registry, faults: Faults) -> None:
        self._faults = faults
        # Every invocation passes this function of ministack, whatever its source and however the function runs.
        self._run = registry.get_function("lambda_svc", "_execute_function_dispatch")
        registry.replace_function("lambda_svc", "_execute_function_dispatch", self.invoke)

    def invoke(self, function: Any, config: dict[str, Any], event: Any, request_id: str, started: float) -> Result:
        """Run a function, and apply the fault that hits the invocation, if any."""
        name = str(config.get("FunctionName", ""))
        fault = self._faults.find_hit(lambda one: one.is_on_function(name, event))
        if fault is None:
            return self._run_function(function, config, event, request_id, started)
        _log.info("fault %d (%s %s) hits %s, request %s", fault.id, fault.kind, fault.when, name, request_id)
        timeout = int(config.get("Timeout") or _DEFAULT_TIMEOUT)
        done = self._run_function(function, config, event, request_id, started) if fault.when == "after" else None
        replaced = self._replace_result(fault, request_id, timeout)
        return replaced or done or self._run_function(function, config, event, request_id, started)

    def _run_function(self, *arguments: Any) -> Result:
        result: Result = self._run(*arguments)
        return result

    def _replace_result(self, fault: Fault, request_id: str, timeout: int) -> Result | None:
        """Return the result that replaces the function's own. None: the caller gets the function's result now."""
        match fault.kind:
            case "function-crash":
                return format_crash(request_id, fault.error, fault.message)
            case "function-timeout":
                return format_timeout(request_id, timeout)
            case "function-slow":
                self._faults.hold(fault, min(fault.seconds, timeout))
                return format_timeout(request_id, timeout) if fault.seconds >= timeout else None
        released = self._faults.hold(fault, fault.seconds or timeout)
        return None if released else format_timeout(request_id, timeout)


def format_crash(request_id: str, error: str, message: str) -> Result:
    """Return what Lambda returns for a process that ended, or for a Python function that raised `error`."""
    if error:
        return _format_failure(error, message or "Ordered by the rehearsal")
    reason = message or "Runtime exited with error: exit status 1"
    return _format_failure("Runtime.ExitError", f"RequestId: {request_id} Error: {reason}")


def format_timeout(request_id: str, timeout: int) -> Result:
    """Return what Lambda returns for an invocation that ran out of time."""
    return _format_failure(
        "Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {timeout}.00 seconds"
    )


def _format_failure(kind: str, message: str) -> Result:
    return {"error": True, "body": {"errorType": kind, "errorMessage": message}, "log": f"{kind}: {message}"}
