"""What CloudFormation refuses before it makes anything: properties that a type does not have, or lacks.

The schemas are AWS's own, as cfn-lint carries them. ministack takes every property and passes over those that it does
not know, so a typing error would show on AWS only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cfnlint.schema import ResourceNotFoundError  # type: ignore[import-untyped]
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from rehearsal.settings import REGION

Schema = Mapping[str, Any]
_OWN = ("Custom::", "AWS::CDK::")


def check(kind: str, properties: Mapping[str, Any]) -> None:
    """Check properties against the type's schema. Raises ValueError with CloudFormation's message."""
    if kind.startswith(_OWN) or kind == "AWS::CloudFormation::CustomResource":
        return
    try:
        schema: Schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
    except ResourceNotFoundError:
        raise ValueError(f"Template format error: Unrecognized resource types: [{kind}]") from None
    problems = [*_find_missing(schema, properties, "#"), *_find_unknown(schema, schema, properties, "#")]
    if problems:
        raise ValueError(f"Properties validation failed for resource of type {kind}: {'; '.join(problems)}")


def _find_missing(schema: Schema, value: Mapping[str, Any], where: str) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{where}: required key [{name}] not found"


def _find_unknown(root: Schema, schema: Schema, value: Any, where: str) -> Iterator[str]:
    """Yield unknown properties of objects and lists whose schema is plain; alternatives (anyOf, oneOf) are left to cfn-lint, before the deploy."""
    schema = _resolve(root, schema)
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for index, inner in enumerate(value):
            yield from _find_unknown(root, schema["items"], inner, f"{where}/{index}")
    if not isinstance(value, Mapping) or "properties" not in schema:
        return
    known, patterns = schema["properties"], schema.get("patternProperties")
    for name, inner in value.items():
        if name in known:
            yield from _find_unknown(root, known[name], inner, f"{where}/{name}")
        elif schema.get("additionalProperties") is False and not patterns:
            yield f"{where}: extraneous key [{name}] is not permitted"


def _resolve(root: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        found: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema
