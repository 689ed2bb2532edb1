"""Which schema and table a name of an option or an answer means, where an application has more than one schema."""

from __future__ import annotations

from collections.abc import Iterable

from applications.profile import Database

from cutover_site.database.connections import Connection
from cutover_site.database.digest import tables

Places = dict[str, dict[str, str]]
"""by schema: by table its label"""


def find_places(connection: Connection, database: Database, labels: Iterable[str], schema: str = "") -> Places:
    """Return where the labelled tables are; without labels, where every table is. `schema`: only that one, whose tables have bare labels.

    A schema without tables is in the result too, when every table was asked for.
    """
    if schema:
        return {schema: {name: name for name in labels or tables(connection, schema)}}
    if not labels:
        return {one: {name: database.label(one, name) for name in tables(connection, one)} for one in database.schemas}
    return group(database, labels)


def group(database: Database, labels: Iterable[str]) -> Places:
    """Return the labelled tables by schema."""
    found: Places = {}
    for label in labels:
        schema, table = database.split(label)
        found.setdefault(schema, {})[table] = label
    return found
