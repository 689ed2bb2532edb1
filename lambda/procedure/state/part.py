"""Base class of the parts of the state: dataclasses that are written without their defaults and read strictly."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, Self, cast, get_args, get_origin, get_type_hints

from common.errors import StepFailed


@dataclass
class Part:
    """Every field has a default, so that an empty object is a valid part."""

    def to_json(self) -> dict[str, Any]:
        """Return the fields that differ from their defaults."""
        initial = type(self)()
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: _write(value) for name, value in values.items() if value != getattr(initial, name)}

    @classmethod
    def from_json(cls, raw: Any, *, path: str) -> Self:
        """Return the part that was written. `path` names it in errors.

        Raises:
            StepFailed: a key is unknown, or a value has another type.
        """
        hints = _get_hints(cast("Any", cls))  # mypy takes the type of a dataclass for unhashable
        if unknown := sorted(set(_expect(raw, dict, path)) - set(hints)):
            raise _refuse(f"{path} has unknown keys: {', '.join(unknown)}")
        return cls(**{name: _read(value, hints[name], f"{path}.{name}") for name, value in raw.items()})


@cache
def _get_hints(part: type[Any]) -> dict[str, Any]:
    return get_type_hints(part)


def _write(value: Any) -> Any:
    if isinstance(value, Part):
        return value.to_json()
    if isinstance(value, dict):
        return {str(key): _write(item) for key, item in value.items()}
    return [_write(item) for item in value] if isinstance(value, list) else value


def _read(value: Any, hint: Any, path: str) -> Any:
    """Return the value as its annotation has it. Knows Any, X | None, list, dict, Part, StrEnum and the types of JSON."""
    if hint is Any:
        return value
    arguments = get_args(hint)
    if NoneType in arguments:
        return None if value is None else _read(value, next(one for one in arguments if one is not NoneType), path)
    kind = get_origin(hint) or hint
    if kind is list:
        return [_read(item, arguments[0], path) for item in _expect(value, list, path)]
    if kind is dict:
        items = _expect(value, dict, path).items()
        return {_read(key, arguments[0], path): _read(item, arguments[1], f"{path}.{key}") for key, item in items}
    if issubclass(kind, Part):
        return kind.from_json(value, path=path)
    if issubclass(kind, StrEnum):
        if value not in list(kind):
            raise _refuse(f"{path} has an unknown key: {value!s:.60}")
        return kind(value)
    if kind is float and type(value) is int:  # JSON does not tell 1 from 1.0
        return float(value)
    return _expect(value, kind, path)


def _expect(value: Any, kind: type, path: str) -> Any:
    if type(value) is not kind:
        raise _refuse(f"{path} is {value!r:.60}, not of type {kind.__name__}")
    return value


def _refuse(reason: str) -> StepFailed:
    return StepFailed(
        f"the state of the execution cannot be read: {reason}",
        next_action="deploy again: state machine and function are of different versions",
    )
