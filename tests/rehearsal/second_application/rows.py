"""Copy the rows of every replicated table from source to target, on a machine that can read both.

This script takes the place of DMS, which is independent of the application (tests/rehearsal/database and
tests/rehearsal/dms test it).
"""

from __future__ import annotations

from cutover_site.database.connections import connect, execute, fetch_rows, quote_identifier
from cutover_site.database.site_logins import read_source_reader_login, read_target_admin_login
from cutover_site.layout import MARKER_SCHEMA
from cutover_site.machine import Machine

TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"


def main() -> None:
    machine = Machine()
    with connect(read_source_reader_login(machine)) as source, connect(read_target_admin_login(machine)) as target:
        for schema in (*machine.layout.application.database.schemas, MARKER_SCHEMA):
            for (table,) in fetch_rows(source, TABLES, (schema,)):
                place = f"{quote_identifier(schema)}.{quote_identifier(table)}"
                execute(target, f"DELETE FROM {place}")
                for row in fetch_rows(source, f"SELECT * FROM {place}"):
                    execute(target, f"INSERT INTO {place} VALUES ({', '.join(['%s'] * len(row))})", row)


if __name__ == "__main__":
    main()
