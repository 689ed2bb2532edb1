"""Reads migration.toml once, at the edge."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Self

import applications
from pydantic import ValidationError

from settings.errors import SettingsError
from settings.model import Migration

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class Settings(Migration):
    """The configuration of one migration."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Raises SettingsError (one line: file, key, what is expected) for the first fault of the file."""
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # some editors begin with a BOM
        except OSError as error:
            raise SettingsError(
                f"{path}: cannot be read ({error.strerror}); CUTOVER_CONFIG names another file"
            ) from None
        except UnicodeDecodeError as error:
            raise SettingsError(f"{path}: is not TOML: {error}; save the file as UTF-8") from None
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{path}: is not TOML: {error}") from None
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            application = str(values.get("application", applications.DEFAULT))
            raise SettingsError(_line(path, error.errors(include_url=False), application)) from None


def _line(path: Path, faults: list[ErrorDetails], application: str) -> str:
    """An unknown key first: it is the likelier cause when its misspelled original is missing as well. `application`: the name of the table
    that the model calls `release`.
    """
    fault = next((one for one in faults if one["type"] == "extra_forbidden"), faults[0])
    first, *rest = fault["loc"] or ("",)
    key = ".".join(str(part) for part in (application if first == "release" else first, *rest))
    more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{path}: {key}: {_expected(fault)}{more}" if key else f"{path}: {_expected(fault)}{more}"


def _expected(fault: ErrorDetails) -> str:
    match fault["type"]:
        case "extra_forbidden":
            return "unknown key; expected one that migration.toml explains"
        case "missing":
            return "missing; expected a value"
        case "value_error":
            given = f", not {fault['input']!r}" if isinstance(fault["input"], str) else ""
            return f"expected {fault['ctx']['error']}{given}" if "ctx" in fault else fault["msg"]
        case _:
            message = fault["msg"].removeprefix("Input should be ").removeprefix("String should ")
            return f"expected {message}, not {fault['input']!r}"
