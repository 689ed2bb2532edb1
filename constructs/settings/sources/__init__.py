"""The table [source]: a model for each kind of source, and the union that `kind` distinguishes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from settings.kinds import read_kind
from settings.sources.demo import DemoSource
from settings.sources.existing import ExistingSource

DEFAULT_KIND = "demo"
"""For files of the releases that knew only the demo: they have no `kind`."""


def get_kind(table: Any) -> Any:
    """Return the kind that a table [source] names, whether it is read from the file or already a model."""
    return read_kind(table, DEFAULT_KIND)


SourceSettings = Annotated[
    Annotated[DemoSource, Tag("demo")] | Annotated[ExistingSource, Tag("existing")], Discriminator(get_kind)
]

__all__ = ["DemoSource", "ExistingSource", "SourceSettings"]
