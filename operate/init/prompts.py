"""Check an answer by the model that reads the file, and list what a question offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import click
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from settings.faults import describe_expected

LISTED = 10
"""most values that a question offers"""


def format_offered(label: str, values: Sequence[str]) -> str:
    """Return a line with the first values; empty without any."""
    return f"{label}: {', '.join(values[:LISTED])}" if values else ""


def split_list(text: str) -> list[str]:
    """Return the values of a text that are separated by commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def validate(field: FieldInfo, answer: Any) -> Any:
    """Return the answer as the model reads it. UsageError states what is expected."""
    adapter: TypeAdapter[Any] = TypeAdapter(_annotate(field))
    try:
        return str(value) if not isinstance(value := adapter.validate_python(answer), (list, tuple)) else value
    except ValidationError as error:
        raise click.UsageError("; ".join(_list_expected(error))) from None


def _annotate(field: FieldInfo) -> Any:
    """Return the type of the field with its checks. Pydantic keeps them apart."""
    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation


def _list_expected(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False):
        yield f"expected {describe_expected(fault)}"
