"""Repeat failed asynchronous invocations twice, as Lambda does for SNS and CloudFormation.

ministack 1.5.33 invokes once for them, so a crash would lose a report, and a stack would wait an hour.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from rehearsal.aws.registry import Registry

_CALLERS = (("sns", "_deliver_to_lambda"), ("cloudformation.custom_resource", "invoke_custom_resource"))
_asynchronous: ContextVar[bool] = ContextVar("asynchronous", default=False)


def install(registry: Registry) -> None:
    """Make ministack repeat failed invocations by SNS and CloudFormation."""
    invoke = registry.get_function("lambda_svc", "_execute_function_with_config_scope")
    invoke_again = registry.get_function("lambda_svc", "invoke_async_with_retry")

    def invoke_with_retries(function: dict[str, Any], event: Any) -> Any:
        if not _asynchronous.get():
            return invoke(function, event)
        _asynchronous.set(False)
        invoke_again(function, event)
        return {}

    registry.replace_function("lambda_svc", "_execute_function_with_config_scope", invoke_with_retries)
    for module, name in _CALLERS:
        registry.replace_function(module, name, _mark_asynchronous(registry.get_function(module, name)))


def _mark_asynchronous(caller: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        token = _asynchronous.set(True)
        try:
            return caller(*arguments, **named)
        finally:
            _asynchronous.reset(token)

    return call
