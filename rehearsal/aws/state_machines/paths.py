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
    failure: Any = registry.get_function("stepfunctions", "_ExecutionError")
    parse: Callable[[str], list[Token] | None] = registry.get_function("stepfunctions", "_parse_jsonpath_tokens")
    resolve: Callable[[str, Any], Any] = registry.get_function("stepfunctions", "_resolve_path")
    evaluate: Callable[..., bool] = registry.get_function("stepfunctions", "_evaluate_rule")
    matches: Callable[[Sequence[str], str], bool] = registry.get_function("stepfunctions", "_error_matches")

    def resolve_or_fail(path: str, data: Any) -> Any:
        tokens = parse(path) if path and path.startswith("$") else []
        if tokens is None or not is_selecting(tokens, data):
            raise failure("States.Runtime", f"Invalid path '{path}': it selects nothing in the input")
        return resolve(path, data)

    def evaluate_or_fail(rule: Mapping[str, Any], data: Any, context: Any = None) -> bool:
        if "IsPresent" not in rule:
            return evaluate(rule, data, context)
        path = rule["Variable"]
        inside, whole = (context, path[1:]) if path.startswith("$$.") else (data, path)
        tokens = parse(whole)
        return (tokens is not None and is_selecting(tokens, inside)) is bool(rule["IsPresent"])

    def match_unless_fatal(named: Sequence[str], error: str) -> bool:
        return error not in FATAL and matches(named, error)

    registry.replace_function("stepfunctions", "_resolve_path", resolve_or_fail)
    registry.replace_function("stepfunctions", "_evaluate_rule", evaluate_or_fail)
    registry.replace_function("stepfunctions", "_error_matches", match_unless_fatal)


def is_selecting(tokens: Sequence[Token], data: Any) -> bool:
    """Return whether the path leads to a value, which may be null. A path with a wildcard always returns a list."""
    for kind, value in tokens:
        if kind == "wildcard":
            return True
        has = value in data if kind == "field" and isinstance(data, Mapping) else False
        has = has or (kind == "index" and isinstance(data, list) and value < len(data))
        if not has:
            return False
        data = data[value]
    return True
