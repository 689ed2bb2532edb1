"""What the table [provider] holds whichever provider it names."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, Field, StringConstraints, model_validator

from settings.base import Model
from settings.values import create_pattern_check

FORMER_NAME = "hosttomigrate"
"""Key of the source server's name in the releases before `kind` chose a provider. Read until the next release."""


NAME_CHECK = create_pattern_check(
    r"[^\s\x00-\x1f\x7f]( *[^\s\x00-\x1f\x7f])*",
    "a name without line breaks, tabs and other control characters, and without spaces at its beginning and end",
)
"""of a name at the provider: the strictest provider has this pattern for its ids (UserProvidedId in the service model of boto3); a machine's name cannot have others"""


class ProviderModel(Model):
    """Settings of one server replication service. Secrets are named, never held.

    Each provider derives a model whose `kind` is a Literal: it distinguishes the members of the union.
    """

    kind: str
    source_server_name: Annotated[
        str,
        StringConstraints(min_length=1, max_length=255),
        NAME_CHECK,
        Field(validation_alias=AliasChoices("source_server_name", FORMER_NAME)),
    ]

    def find_problem(self, *, region: str) -> str:  # noqa: ARG002 (for providers that depend on it)
        """Return what is expected instead of these settings in the region of the stacks. It completes "provider.…"; empty: no problem."""
        return ""

    @model_validator(mode="before")
    @classmethod
    def _check_one_name(cls, values: Any) -> Any:
        if isinstance(values, dict) and "source_server_name" in values and FORMER_NAME in values:
            raise ValueError(f"source_server_name alone: {FORMER_NAME} is its former name, remove that line")
        return values
