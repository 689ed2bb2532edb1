"""Read migration.toml once, at the edge."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Self

import applications
from pydantic import ValidationError

from settings.errors import SettingsError, UnexpectedValueError
from settings.faults import describe_fault
from settings.kinds import KEY_OF_ANOTHER_KIND, restore_file_key
from settings.model import Migration
from settings.position import find_line
from settings.sources.demo import RELEASE_TABLE

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

UNKNOWN_KEY = ("extra_forbidden", KEY_OF_ANOTHER_KIND)
RELEASE = ("source", RELEASE_TABLE)


class Settings(Migration):
    """The configuration of one migration."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return the settings of the file. SettingsError (one line: file, line, key, what is expected) for its first fault."""
        try:
            text = path.read_text(encoding="utf-8-sig")  # some editors begin with a BOM
            values = tomllib.loads(text)
        except OSError as error:
            raise SettingsError(
                f"{path}: cannot be read ({error.strerror}); name another file with CUTOVER_CONFIG or cutover --config"
            ) from None
        except UnicodeDecodeError as error:
            raise SettingsError(f"{path}: is not TOML: {error}; save the file as UTF-8") from None
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{path}: is not TOML: {error}") from None
        except (ValueError, RecursionError):  # Python's own limits, which tomllib does not translate
            raise SettingsError(
                f"{path}: cannot be used: a number has too many digits, or values are nested too deeply; correct that value"
            ) from None
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            faults = [restore_file_key(fault, cls) for fault in error.errors(include_url=False)]
            application = str(values.get("application", applications.DEFAULT))
            every = [_format_fault(path, text, fault, application) for fault in faults]
            locations = [_locate(fault, application) for fault in faults]
            raise SettingsError(_format_first_fault(path, text, faults, application), every, locations) from None


def _format_first_fault(path: Path, text: str, faults: list[ErrorDetails], application: str) -> str:
    """Return the first fault in one line. An unknown key comes first: it is probably the misspelling of a missing one.

    `application`: the name of the table that the model has in its source.
    """
    fault = next((one for one in faults if one["type"] in UNKNOWN_KEY), faults[0])
    more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{_format_fault(path, text, fault, application)}{more}"


def _format_fault(path: Path, text: str, fault: ErrorDetails, application: str) -> str:
    """Return a fault in one line."""
    keys = _locate(fault, application)
    key = ".".join(str(part) for part in keys)
    number, description = find_line(text, keys), describe_fault(fault, keys)
    place = f"{path}:{number}" if number else f"{path}"
    return f"{place}: {key}: {description}" if key else f"{place}: {description}"


def _locate(fault: ErrorDetails, application: str) -> tuple[int | str, ...]:
    """Return the keys that lead to the refused value in the file."""
    cause = fault.get("ctx", {}).get("error")
    location = (*fault["loc"], *(cause.keys if isinstance(cause, UnexpectedValueError) else ()))
    return (application, *location[2:]) if location[:2] == RELEASE else location
