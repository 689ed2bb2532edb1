"""Properties of a template as parameters of an API."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from rehearsal.aws import wire
from rehearsal.aws.exceptions import NotEmulated


def convert_properties(service: str, action: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties with the types that the action requires. CloudFormation passes "true" and "20" as strings, as the template has them."""
    shape = wire.load_service(service).get_operation(action).input_shape
    coerced: dict[str, Any] = wire.coerce(shape, properties) if shape else {}
    return coerced


def require_emulated(kind: str, properties: Mapping[str, Any], emulated: Collection[str]) -> None:
    """Require properties that are emulated. Raises NotEmulated for one that the rehearsal would ignore."""
    if extra := sorted(properties.keys() - set(emulated)):
        raise NotEmulated(f"the property {extra[0]} of {kind}")


def find_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """Return the names of the properties that differ."""
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}


def format_tag_specifications(kind: str, properties: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the template's tags in the form of EC2's requests."""
    tags = [{"Key": tag["Key"], "Value": str(tag["Value"])} for tag in properties.get("Tags", [])]
    return [{"ResourceType": kind, "Tags": tags}] if tags else []
