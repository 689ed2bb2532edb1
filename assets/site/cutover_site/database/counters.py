"""AUTO_INCREMENT of the target's tables. Rows push it on as they are replicated, but not those that were deleted before the load: their numbers
would be given once more, and files and links that carry them (an avatar, an attachment's row) would belong to something new.
"""

from __future__ import annotations

import pymysql

from cutover_site.database.connections import Connection, execute, quoted, rows

UNKNOWN_VARIABLE = 1193


def carry(source: Connection, target: Connection, schema: str) -> dict[str, int]:
    """No table of the target gives a number that the source has given before. Answers the next number of those that were behind."""
    wanted, found = _next_numbers(source, schema), _next_numbers(target, schema)
    behind = {name: number for name, number in wanted.items() if name in found and found[name] < number}
    for name, number in behind.items():
        execute(target, f"ALTER TABLE {quoted(schema)}.{quoted(name)} AUTO_INCREMENT = %s", (number,))
    return behind


def _next_numbers(connection: Connection, schema: str) -> dict[str, int]:
    try:
        execute(connection, "SET SESSION information_schema_stats_expiry = 0")  # MySQL 8 answers from a cache a day old
    except pymysql.err.MySQLError as error:
        if error.args[0] != UNKNOWN_VARIABLE:
            raise
    query = "SELECT table_name, auto_increment FROM information_schema.tables WHERE table_schema = %s AND auto_increment IS NOT NULL"
    return {str(name): int(number) for name, number in rows(connection, query, (schema,))}
