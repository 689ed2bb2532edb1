"""Return the class name of the error that a function raised, which Step Functions uses to retry and to catch.

ministack 1.5.33 names every such error `Runtime.HandlerError`, so no retrier that names an error would ever match.
https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from rehearsal.aws.registry import Registry

_UNNAMED = "Runtime.HandlerError"
Execute = Callable[[dict[str, Any], Any, str], dict[str, Any]]


def install(registry: Registry) -> None:
    """Register it with ministack."""
    execute: Execute = registry.get_function("lambda_svc", "_execute_function_warm")

    def execute_with_error_class(function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        result = execute(function, event, request_id)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict) and body.get("errorType") == _UNNAMED:
            body["errorType"] = (
                parse_error_class(str(body.get("errorMessage", "")), str(result.get("log", ""))) or _UNNAMED
            )
        return result

    registry.replace_function("lambda_svc", "_execute_function_warm", execute_with_error_class)


def parse_error_class(message: str, log: str) -> str:
    """Return the class before the message in the last traceback of the log, without its module. Empty when there is none."""
    pattern = rf"^(?P<name>[A-Za-z_][\w.]*): {re.escape(message)}" if message else r"^(?P<name>[A-Za-z_][\w.]*)\s*\Z"
    names = [found["name"] for found in re.finditer(pattern, log, re.MULTILINE)]
    return names[-1].rpartition(".")[2] if names else ""
