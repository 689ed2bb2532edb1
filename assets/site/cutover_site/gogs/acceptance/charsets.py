"""Read which characters the tables of Gogs can store."""

from __future__ import annotations

from cutover_site.database.connections import connect, fetch_rows
from cutover_site.database.login import DatabaseLogin

WRITTEN = ("issue", "comment")
"""tables, by `name` and `content`, that hold what users write"""


def get_charsets(server: DatabaseLogin, schema: str) -> set[str]:
    """Return the character sets of the columns with users' text, by the server's names.

    Empty when the tables do not exist.
    """
    query = (
        "SELECT DISTINCT character_set_name FROM information_schema.columns WHERE table_schema = %s"
        " AND table_name IN %s AND column_name IN ('name', 'content') AND character_set_name IS NOT NULL"
    )
    with connect(server) as connection:
        return {str(row[0]) for row in fetch_rows(connection, query, (schema, WRITTEN))}
