"""Find times after January 2038 in columns of type TIMESTAMP. MariaDB since 11.5 stores them (up to 2106), MySQL refuses them.

MySQL 8.4 manual 11.2.2: the last one is '2038-01-19 03:14:07.499999' UTC. mariadb.com/kb "TIMESTAMP".
"""

from __future__ import annotations

from collections.abc import Mapping

from cutover_site.database.connections import Connection, fetch_rows, quote_identifier
from cutover_site.database.description import TableFacts
from cutover_site.database.products import Product

STORED_SINCE = (11, 5, 0)
LAST_OF_MYSQL = "2038-01-19 03:14:07.499999"


def find_late_times(
    connection: Connection, schema: str, tables: Mapping[str, TableFacts], source: Product
) -> list[str]:
    """Return a sentence for each column with a time that MySQL refuses. Reads each table with a TIMESTAMP once.

    The session's time zone must be UTC.
    """
    if source.mysql or source.version < STORED_SINCE:
        return []
    found = []
    for table, facts in sorted(tables.items()):
        names = sorted(name for name, column in facts.columns.items() if column.kind == "timestamp")
        if facts.kind != "BASE TABLE" or not names:
            continue
        latest = ", ".join(f"MAX({quote_identifier(name)}) > %s" for name in names)
        values = fetch_rows(
            connection,
            f"SELECT {latest} FROM {quote_identifier(schema)}.{quote_identifier(table)}",
            (LAST_OF_MYSQL,) * len(names),
        )[0]
        found += [
            f"column {name} of table {schema}.{table} holds a moment after {LAST_OF_MYSQL[:19]} UTC, which a TIMESTAMP of MySQL refuses:"
            " change the value, or the type to DATETIME"
            for name, is_late in zip(names, values)
            if is_late
        ]
    return found
