"""Describe a wrong value of the settings: what is expected, and what is there, but never a secret."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from settings.kinds import KEY_OF_ANOTHER_KIND, MISSING_KIND

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

EXPECTED_TYPES: Mapping[str, str] = {
    "bool_type": "true or false",
    "dict_type": "a table",
    "int_type": "a whole number, without quotation marks and without a unit",
    "list_type": "a list",
    "model_attributes_type": "a table",
    "model_type": "a table",
    "string_type": "a text in quotation marks",
    "tuple_type": "a list",
    "url_parsing": "an address that begins with https:// or http://",
    "url_scheme": "an address that begins with https:// or http://",
    "url_type": "an address that begins with https:// or http://, in quotation marks",
}
"""by the type of the fault (https://docs.pydantic.dev/latest/errors/validation_errors/), where the words of pydantic are those of Python"""
EXPECTED_LENGTHS: Mapping[str, str] = {
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "too_long": "at most {max_length} values",
    "too_short": "at least {min_length} values",
    "url_too_long": "at most {max_length} characters",
}
NAMES_OF_SECRETS = re.compile(r"secrets?|.*_secret|certificate_authority")
"""keys at which somebody may have put a secret, or a private key, instead of its name"""
USER_OF_URL = re.compile(r"//[^/@\s]*@")
MAX_SHOWN = 80


def describe_fault(fault: ErrorDetails, keys: Sequence[int | str] = ()) -> str:
    """Return what is expected and what is there. `keys`: where it is."""
    match fault["type"]:
        case "extra_forbidden":
            return "unknown key; expected one that migration.toml explains"
        case fault_type if fault_type in (KEY_OF_ANOTHER_KIND, MISSING_KIND):
            return fault["msg"]
        case "missing":
            return "missing; expected a value"
        case "value_error":
            found = _show(fault["input"], keys) if isinstance(fault["input"], str) else ""
            return f"expected {fault['ctx']['error']}{found}" if "ctx" in fault else fault["msg"]
    return f"expected {describe_expected(fault)}{_show(fault['input'], keys)}"


def describe_expected(fault: ErrorDetails) -> str:
    """Return the expected form of the value, as the end of "expected …"."""
    context: Mapping[str, Any] = fault.get("ctx", {})
    if fault["type"] == "value_error":
        return str(context.get("error", fault["msg"]))
    if fault["type"] == "string_pattern_mismatch":
        return f"a text of the pattern {context['pattern']}"
    if known := EXPECTED_TYPES.get(fault["type"]) or EXPECTED_LENGTHS.get(fault["type"]):
        return known.format_map(context)
    return fault["msg"].removeprefix("Input should be ").removeprefix("String should ")


def _show(value: Any, keys: Sequence[int | str]) -> str:
    """Return the value as the end of the sentence; empty for one that may be or contain a secret."""
    if isinstance(value, Mapping):
        return ", not a table"
    if isinstance(value, (list, tuple)):
        return f", not a list of {len(value)}"
    is_arn = isinstance(value, str) and value.startswith("arn:")
    if not is_arn and any(NAMES_OF_SECRETS.fullmatch(str(key)) for key in keys):
        return ""
    text = USER_OF_URL.sub("//…@", repr(value))
    return f", not {text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + '…'}"
