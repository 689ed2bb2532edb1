"""Faults of the table [provider], as the author of the file sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic.fields import FieldInfo

from settings.providers.registry import get_kind_of, list_keys, list_models

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def restore_file_key(fault: ErrorDetails, union: FieldInfo) -> ErrorDetails:
    """Return the fault with the key that the file has. `union` is the field `provider` of the settings' model.

    Pydantic puts the kind between the table and its keys, and names the table where the kind is wrong.
    """
    match fault["loc"], fault["type"]:
        case ("provider",), "union_tag_invalid":
            known = fault["ctx"]["expected_tags"]
            given = fault["ctx"]["tag"]
            message = f"one of the providers of this release ({known})"
            return {**fault, "loc": ("provider", "kind"), "msg": message, "input": given}
        case ("provider",), "union_tag_not_found":
            return {**fault, "msg": "a table"}
        case ("provider", kind, key), "extra_forbidden":
            others = [get_kind_of(model) for model in list_models(union.annotation) if key in list_keys(model)]
            if others:
                message = f'a key of the provider {others[0]}, but kind is {kind}; remove this line, or set kind = "{others[0]}"'
                return {**fault, "loc": ("provider", key), "type": "key_of_another_provider", "msg": message}
            return {**fault, "loc": ("provider", key)}
        case ("provider", _, *keys), _:
            return {**fault, "loc": ("provider", *keys)}
    return fault
