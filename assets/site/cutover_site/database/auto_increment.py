"""AUTO_INCREMENT of the target's tables.

Replicated rows raise it, but rows that were deleted before the load do not. Without a correction the target would give their numbers again,
and files and links with such a number (an avatar, an attachment) would belong to a new row.
"""

from __future__ import annotations

import pymysql

from cutover_site.database.connections import Connection, execute, fetch_rows, quote_identifier
from cutover_site.errors import NotChecked

UNKNOWN_VARIABLE = 1193
FIRST_NUMBER = 1
"""MySQL shows NULL for a table that never had a row, or was truncated, which replication does before it loads"""


def sync_auto_increment(source: Connection, target: Connection, schema: str) -> dict[str, int]:
    """Raise the target's next numbers to the source's, so that no number is given twice. Return the raised ones by table.

    Raises NotChecked when the target still has a lower one afterwards.
    """
    wanted = _read_next_numbers(source, schema)
    behind = _select_lower(wanted, _read_next_numbers(target, schema))
    for name, number in behind.items():
        execute(
            target, f"ALTER TABLE {quote_identifier(schema)}.{quote_identifier(name)} AUTO_INCREMENT = %s", (number,)
        )
    if behind and (left := _select_lower(behind, _read_next_numbers(target, schema))):
        raise NotChecked(
            f"the target did not take over the next numbers of {', '.join(sorted(left))}",
            next_action="compare AUTO_INCREMENT of these tables in SHOW TABLE STATUS on both servers",
        )
    return behind


def _select_lower(wanted: dict[str, int], found: dict[str, int]) -> dict[str, int]:
    return {name: number for name, number in wanted.items() if name in found and found[name] < number}


def _read_next_numbers(connection: Connection, schema: str) -> dict[str, int]:
    """Return the next number of each table that has such a column."""
    try:
        execute(
            connection, "SET SESSION information_schema_stats_expiry = 0"
        )  # MySQL 8 reads from a cache that may be a day old
    except pymysql.err.MySQLError as error:
        if error.args[0] != UNKNOWN_VARIABLE:
            raise
    query = (
        "SELECT table_name FROM information_schema.columns WHERE table_schema = %s AND extra LIKE '%%auto_increment%%'"
    )
    counted = {str(name) for (name,) in fetch_rows(connection, query, (schema,))}
    query = "SELECT table_name, auto_increment FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE'"
    return {
        str(name): FIRST_NUMBER if number is None else int(number)
        for name, number in fetch_rows(connection, query, (schema,))
        if name in counted
    }
