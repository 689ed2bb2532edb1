"""Read the DDL of a table as the server itself shows it."""

from __future__ import annotations

import re

from cutover_site.database.connections import Connection, fetch_rows_as_bytes, quote_identifier
from cutover_site.errors import SiteError

RULE = "(CASCADE|SET NULL|SET DEFAULT|NO ACTION|RESTRICT)"


class UnreadableTable(SiteError):
    """The server describes a table in bytes that are no text."""


def read_create_statement(connection: Connection, schema: str, table: str) -> str:
    """Return the DDL of a table, by SHOW CREATE TABLE. Raises UnreadableTable."""
    text: bytes = fetch_rows_as_bytes(
        connection, f"SHOW CREATE TABLE {quote_identifier(schema)}.{quote_identifier(table)}"
    )[0][1]
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise UnreadableTable(
            f"a column of table {schema}.{table} has a default of bytes that are no text, which this server's SHOW CREATE TABLE does not "
            "escape: ALTER TABLE … ALTER COLUMN … DROP DEFAULT",
            next_action="change it on the source, then deploy again; nothing was made on the target",
        ) from error


def parse_rules(text: str, constraint: str) -> tuple[str, str]:
    """Return the rules for update and delete, from the line of DDL that defines the foreign key."""
    begin = f"CONSTRAINT {quote_identifier(constraint)} FOREIGN KEY "
    line = next((line.strip() for line in text.splitlines() if line.strip().startswith(begin)), "")
    update, delete = (re.search(rf" ON {what} {RULE}", line) for what in ("UPDATE", "DELETE"))
    return update[1] if update else "RESTRICT", delete[1] if delete else "RESTRICT"
