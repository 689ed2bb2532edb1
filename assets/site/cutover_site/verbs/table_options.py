"""The options that select tables, for the verbs that compare rows."""

from __future__ import annotations

from cutover_site.cli import Option


def split_names(text: str) -> list[str]:
    """Return the names of a comma separated option."""
    return [name for name in text.split(",") if name]


SCHEMA = Option("schema", default="", help="only tables of this schema; all schemas of the application when not given")
