"""Create the scratch copy: all tables of the live schemas at one moment, in a second schema each, with outbound work disabled.

One connection reads in a consistent snapshot, another one writes. So replication into the live schemas goes on without waiting (INSERT …
SELECT would lock the rows that it reads).
"""

from __future__ import annotations

import logging
from contextlib import ExitStack
from typing import Any

import pymysql
from applications.profile import Database

from cutover_site.database.columns import Column
from cutover_site.database.connections import Connection, connect, execute, quote_identifier
from cutover_site.database.create_statement import read_create_statement
from cutover_site.database.login import DatabaseLogin
from cutover_site.database.table_columns import list_columns, list_generated_columns, list_tables
from cutover_site.errors import SiteError

LOG = logging.getLogger(__name__)
BATCH_ROWS = 500
BATCH_BYTES = 4 * 1024 * 1024
"""less than every server's max_allowed_packet"""


class CopyFailed(SiteError):
    """The scratch copy is not complete, so no acceptance may run on it."""


def copy(server: DatabaseLogin, database: Database) -> dict[str, int]:
    """Create the scratch schemas from the live ones. Return the number of rows by table. Existing scratch schemas are dropped. Raises CopyFailed."""
    with ExitStack() as stack:
        reader = stack.enter_context(connect(server, streaming=True, raw=True))
        writer = stack.enter_context(connect(server))
        describer = stack.enter_context(connect(server))
        try:
            return _copy_schemas(reader, writer, describer, database)
        except pymysql.err.MySQLError as error:
            raise CopyFailed(f"the scratch copy of the database was not made: {error}") from error


def _copy_schemas(reader: Connection, writer: Connection, describer: Connection, database: Database) -> dict[str, int]:
    execute(writer, "SET SESSION foreign_key_checks = 0, unique_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
    execute(reader, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    execute(reader, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    copied: dict[str, int] = {}
    for schema in database.schemas:
        scratch = quote_identifier(database.get_scratch_schema(schema))
        execute(writer, f"DROP DATABASE IF EXISTS {scratch}")
        execute(writer, f"CREATE DATABASE {scratch} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        execute(writer, f"USE {scratch}")
        for table in list_tables(describer, schema):
            execute(writer, read_create_statement(describer, schema, table))
            generated = list_generated_columns(describer, schema, table)
            stored = [column for column in list_columns(describer, schema, table) if column.name not in generated]
            copied[database.format_label(schema, table)] = _copy_table(reader, writer, schema, table, stored)
    execute(reader, "COMMIT")
    for statement in database.silence:
        execute(
            writer,
            statement.format(
                **{schema: quote_identifier(database.get_scratch_schema(schema)) for schema in database.schemas}
            ),
        )
    LOG.info("scratch copy: %d rows in %d tables", sum(copied.values()), len(copied))
    return copied


def _copy_table(reader: Connection, writer: Connection, schema: str, table: str, copied: list[Column]) -> int:
    """Copy one table, return its number of rows. Reads a FLOAT as a double, because both servers print only six digits of a FLOAT."""
    names = ", ".join(quote_identifier(column.name) for column in copied)
    listed = ", ".join(
        f"{quote_identifier(column.name)} + 0e0" if column.kind == "float" else quote_identifier(column.name)
        for column in copied
    )
    insert = f"INSERT INTO {quote_identifier(table)} ({names}) VALUES ({', '.join(['%s'] * len(copied))})"
    count = 0
    with reader.cursor() as source, writer.cursor() as sink:
        source.execute(f"SELECT {listed} FROM {quote_identifier(schema)}.{quote_identifier(table)}")
        batch: list[tuple[Any, ...]] = []
        size = 0
        for row in source.fetchall_unbuffered():  # type: ignore[attr-defined]  # SSCursor: chosen by `streaming`
            batch.append(row)
            size += sum(len(value) for value in row if value is not None)
            if len(batch) >= BATCH_ROWS or size >= BATCH_BYTES:
                count += _write_batch(sink, insert, batch)
                batch, size = [], 0
        return count + (_write_batch(sink, insert, batch) if batch else 0)


def _write_batch(sink: Any, insert: str, batch: list[tuple[Any, ...]]) -> int:
    sink.executemany(insert, batch)
    return len(batch)
