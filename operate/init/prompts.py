"""Ask one question until its answer is accepted. The questions go to standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import click
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from settings.faults import describe_expected

LISTED = 10
"""most values that a question offers"""


def ask_value(text: str, field: FieldInfo, *, default: Any = None, offered: list[str] | None = None) -> Any:
    """Ask for the value of a setting."""
    return ask_text(text, default=default, offered=offered, check=lambda answer: validate(field, answer))


def ask_text(
    text: str, *, default: Any = None, offered: list[str] | None = None, check: Callable[[str], Any] = str
) -> Any:
    """Ask until `check` accepts the answer; return what it makes of it."""
    if offered:
        click.echo(f"found: {', '.join(offered[:LISTED])}", err=True)

    def accept(answer: str) -> Any:
        return check(answer.strip())

    return click.prompt(text, default=default, value_proc=accept, err=True)


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
