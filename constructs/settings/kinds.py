"""Tables whose key `kind` selects the model: [provider], [source], [source.network]. Each kind has keys of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

KEY_OF_ANOTHER_KIND, MISSING_KIND = "key_of_another_kind", "missing_kind"
"""types of faults whose message is the whole sentence"""


def read_kind(table: Any, default: str | None = None) -> Any:
    """Return the kind that a table names, whether it is read from the file or already a model."""
    return table.get("kind", default) if isinstance(table, dict) else getattr(table, "kind", None)


def list_models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models in an annotation: the members of a union, or the model of a plain table."""
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for part in get_args(annotation) for model in list_models(part)]


def get_kind_of(model: type[BaseModel]) -> str:
    """Return the kind that a model describes; empty for a model without one."""
    field = model.model_fields.get("kind")
    kinds = get_args(field.annotation) if field else ()
    return str(kinds[0]) if kinds else ""


def list_keys(model: type[BaseModel]) -> set[str]:
    """Return the keys that the table of a model may have in the file, former ones too."""
    keys = set(model.model_fields)
    for field in model.model_fields.values():
        alias = field.validation_alias
        keys |= {alias} if isinstance(alias, str) else {str(choice) for choice in getattr(alias, "choices", ())}
    return keys


def restore_file_key(fault: ErrorDetails, root: type[BaseModel]) -> ErrorDetails:
    """Return the fault with the key that the file has, and with advice for a key of another kind. `root` is the model of the file.

    Pydantic puts the kind between a table and its keys, and names the table where the kind is wrong.
    """
    keys, members, kind = _remove_kinds(fault["loc"], root)
    table = str(keys[-1]) if keys else ""
    match fault["type"]:
        case "union_tag_invalid":
            expected = f"one of the {table}s of this release ({fault['ctx']['expected_tags']})"
            return {**fault, "loc": (*keys, "kind"), "msg": expected, "input": fault["ctx"]["tag"]}
        case "union_tag_not_found":
            if not isinstance(fault["input"], dict):
                return {**fault, "loc": keys, "msg": "a table"}
            known = ", ".join(f"'{get_kind_of(member)}'" for member in members)
            return {
                **fault,
                "loc": (*keys, "kind"),
                "type": MISSING_KIND,
                "msg": f"missing; expected one of the {table}s of this release ({known})",
            }
        case "extra_forbidden":
            for member in members:
                if get_kind_of(member) != kind and str(keys[-1]) in list_keys(member):
                    return {
                        **fault,
                        "loc": keys,
                        "type": KEY_OF_ANOTHER_KIND,
                        "msg": _advise(keys, fault["input"], kind, get_kind_of(member)),
                    }
    return {**fault, "loc": keys}


def _remove_kinds(
    location: Sequence[int | str], root: type[BaseModel]
) -> tuple[tuple[int | str, ...], list[type[BaseModel]], str]:
    """Return the keys of a location in the file, and the models that the last table may have, with the kind that it has.

    A key that no model has ends the search: the rest of the location is kept as it is.
    """
    keys: list[int | str] = []
    members, kind = [root], ""
    model: type[BaseModel] | None = root
    parts: Iterator[int | str] = iter(location)
    for part in parts:
        keys.append(part)
        members = members if model else []  # within a table that no model has, such as that of the release
        field = model.model_fields.get(str(part)) if model else None
        found = list_models(field.annotation) if field else []
        if not found:
            model = None
            continue
        if len(found) == 1 and not get_kind_of(found[0]):
            members, kind, model = found, "", found[0]
            continue
        members, kind, model = found, str(next(parts, "")), None
        model = next((member for member in found if get_kind_of(member) == kind), None)
    return tuple(keys), members, kind


def _advise(keys: Sequence[int | str], value: Any, kind: str, owner: str) -> str:
    what = "table" if isinstance(value, dict) else "key"
    line = "table" if isinstance(value, dict) else "line"
    parent = keys[-2] if len(keys) > 1 else ""
    return f'a {what} of the {parent} {owner}, but kind is {kind}; remove this {line}, or set kind = "{owner}"'
