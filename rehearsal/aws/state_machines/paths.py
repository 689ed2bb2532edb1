"""A path that selects nothing ends the execution with States.Runtime, which no Retry and no Catch of States.ALL takes up.

ministack makes it null, so that a wrong path would show on AWS only.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rehearsal.aws.registry import Registry

FATAL = frozenset({"States.Runtime", "States.DataLimitExceeded"})
Token = tuple[str, Any]
"""("field", name), ("index", number) or ("wildcard", None)"""


def install(registry: Registry) -> None:
    """Register it with ministack."""
    failure: Any = registry.function("stepfunctions", "_ExecutionError")
    parse: Callable[[str], list[Token] | None] = registry.function("stepfunctions", "_parse_jsonpath_tokens")
    resolve: Callable[[str, Any], Any] = registry.function("stepfunctions", "_resolve_path")
    evaluate: Callable[..., bool] = registry.function("stepfunctions", "_evaluate_rule")
    matches: Callable[[Sequence[str], str], bool] = registry.function("stepfunctions", "_error_matches")

    def resolved(path: str, data: Any) -> Any:
        tokens = parse(path) if path and path.startswith("$") else []
        if tokens is None or not selects(tokens, data):
            raise failure("States.Runtime", f"Invalid path '{path}': it selects nothing in the input")
        return resolve(path, data)

    def evaluated(rule: Mapping[str, Any], data: Any, context: Any = None) -> bool:
        if "IsPresent" not in rule:
            return evaluate(rule, data, context)
        path = rule["Variable"]
        inside, whole = (context, path[1:]) if path.startswith("$$.") else (data, path)
        tokens = parse(whole)
        return (tokens is not None and selects(tokens, inside)) is bool(rule["IsPresent"])

    def matched(named: Sequence[str], error: str) -> bool:
        return error not in FATAL and matches(named, error)

    registry.instead("stepfunctions", "_resolve_path", resolved)
    registry.instead("stepfunctions", "_evaluate_rule", evaluated)
    registry.instead("stepfunctions", "_error_matches", matched)


def selects(tokens: Sequence[Token], data: Any) -> bool:
    """Whether the path leads to a value, which may be null. One with a wildcard always gives a list."""
    for kind, value in tokens:
        if kind == "wildcard":
            return True
        has = value in data if kind == "field" and isinstance(data, Mapping) else False
        has = has or (kind == "index" and isinstance(data, list) and value < len(data))
        if not has:
            return False
        data = data[value]
    return True
