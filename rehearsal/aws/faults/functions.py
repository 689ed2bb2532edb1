"""Make invocations fail, whoever invokes: the API, Step Functions, SNS, queues, CloudFormation."""

from __future__ import annotations

import logging
from typing import Any

from rehearsal.aws.faults.kinds import Fault, Faults
from rehearsal.aws.registry import Registry

_log = logging.getLogger(__name__)
_DEFAULT_TIMEOUT = 3
Result = dict[str, Any]


class FunctionFaults:
    """Applies faults to invocations of functions."""

    def __init__(self, registry: Registry, faults: Faults) -> None:
        self._faults = faults
        # The one point of ministack's that is behind all ways in, and before all ways to run a function.
        self._run = registry.function("lambda_svc", "_execute_function_dispatch")
        registry.instead("lambda_svc", "_execute_function_dispatch", self.invoke)

    def invoke(self, function: Any, config: dict[str, Any], event: Any, request_id: str, started: float) -> Result:
        """Run a function, and apply the fault that matches this invocation. Return the result that the caller gets."""
        name = str(config.get("FunctionName", ""))
        fault = self._faults.meet(lambda one: one.on_function(name, event))
        if fault is None:
            return self._really(function, config, event, request_id, started)
        _log.info("fault %d (%s %s) meets %s, request %s", fault.id, fault.kind, fault.when, name, request_id)
        timeout = int(config.get("Timeout") or _DEFAULT_TIMEOUT)
        done = self._really(function, config, event, request_id, started) if fault.when == "after" else None
        answer = self._instead(fault, request_id, timeout)
        return answer or done or self._really(function, config, event, request_id, started)

    def _really(self, *arguments: Any) -> Result:
        result: Result = self._run(*arguments)
        return result

    def _instead(self, fault: Fault, request_id: str, timeout: int) -> Result | None:
        """Wait or fail as the fault requires. Return the result that replaces the function's; None to keep the function's."""
        match fault.kind:
            case "function-crash":
                return crashed(request_id, fault.error, fault.message)
            case "function-timeout":
                return timed_out(request_id, timeout)
            case "function-slow":
                self._faults.hold(fault, min(fault.seconds, timeout))
                return timed_out(request_id, timeout) if fault.seconds >= timeout else None
        released = self._faults.hold(fault, fault.seconds or timeout)
        return None if released else timed_out(request_id, timeout)


def crashed(request_id: str, error: str, message: str) -> Result:
    """Return what Lambda returns for a process that ended, or for a Python function that raised `error`."""
    if error:
        return _failed(error, message or "Ordered by the rehearsal")
    reason = message or "Runtime exited with error: exit status 1"
    return _failed("Runtime.ExitError", f"RequestId: {request_id} Error: {reason}")


def timed_out(request_id: str, timeout: int) -> Result:
    """Return what Lambda returns for an invocation that ran out of time."""
    return _failed("Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {timeout}.00 seconds")


def _failed(kind: str, message: str) -> Result:
    return {"error": True, "body": {"errorType": kind, "errorMessage": message}, "log": f"{kind}: {message}"}
