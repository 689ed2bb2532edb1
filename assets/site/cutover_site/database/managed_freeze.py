"""Stop writes of the application on a managed server, which refuses SUPER and read_only to its administrator, and prove that they are stopped.

`ALTER DATABASE … READ ONLY = 1` makes the schemas of the application read-only (MySQL 8.0.22 and later). It waits until every transaction that
uses the schema has ended, applies to every account and connection, survives a restart and a crash, and lets reads go on. Other schemas of the
server stay open: the marker is written there, and the managed service writes its own tables.
(https://dev.mysql.com/doc/refman/8.4/en/alter-database.html)
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from cutover_site.database import freeze, lockout
from cutover_site.database.connections import (
    SERVER_ERRORS,
    Connection,
    execute,
    fetch_rows,
    fetch_value,
    quote_identifier,
)
from cutover_site.database.positions import BinlogPosition, read_binlog_position
from cutover_site.database.products import Product, read_product
from cutover_site.database.variables import read_variable
from cutover_site.database.writers import end_transactions, find_other_servers
from cutover_site.errors import Refused, SiteError
from cutover_site.layout import Layout

LOG = logging.getLogger(__name__)
OLDEST = (8, 0, 22)
"""first release of MySQL with READ ONLY of a schema"""
LOCK_WAIT_SECONDS = 4
"""for transactions to end by themselves; then they are ended, and the statement has the same time again"""
LOCK_WAIT_TIMEOUT = 1205


def stop_writes(connection: Connection, layout: Layout, run: str) -> tuple[BinlogPosition, int]:
    """Make the application's schemas read-only, and write the marker of `run` as the last row.

    Return the binary log's position after the marker and how many connections had to be ended. Safe to repeat: the marker is written once.
    Raises Refused, before any change, for a server on which writes cannot be stopped; SiteError when anything except the marker was written.
    """
    refuse_unstoppable(connection, layout)
    before = lockout.read_lockout(layout)
    is_open = [name for name in layout.application.database.schemas if not is_closed(connection, [name])]
    if not before.schemas and len(is_open) < len(layout.application.database.schemas):
        raise Refused(
            "a schema of the application is read-only already, and no run has closed it",
            next_action=f"open it if it is to be migrated: {format_opening(layout.application.database.schemas)}",
        )
    lockout.write_lockout(layout, replace(before, schemas=tuple(sorted({*before.schemas, *is_open}))))
    ended = sum(_switch(connection, name, is_read_only=True) for name in is_open)
    freeze.refuse_prepared_transactions(connection)
    position = freeze.read_marker_position(layout, run) or read_binlog_position(connection)
    freeze.write_marker(connection, run)
    after = read_binlog_position(connection)
    freeze.require_only_marker(connection, position, layout)
    closed = replace(lockout.read_lockout(layout), run=run, marker=str(after), server=_read_identity(connection))
    lockout.write_lockout(layout, closed)
    return after, ended


def refuse_unstoppable(connection: Connection, layout: Layout) -> None:
    """Raise Refused for a server that cannot be closed, and for writers that a read-only schema does not stop."""
    if reason := explain_unsupported(connection):
        raise Refused(
            reason, next_action="migrate from a server of a supported product and version (docs/your-own-site.md)"
        )
    freeze.refuse_prepared_transactions(connection)
    if reasons := find_other_servers(connection):
        raise Refused(
            f"the database server cannot be closed for every writer: {'; '.join(reasons)}",
            next_action="change that on the source's database server, then deploy again",
        )
    if missing := [name for name in layout.application.database.schemas if not _has_schema(connection, name)]:
        raise Refused(
            f"the database server has no schema {', '.join(missing)}",
            next_action="correct the schema in migration.toml, or the server's address",
        )


def explain_unsupported(connection: Connection) -> str:
    """Return why a managed server of this product and version cannot be closed; empty when it can."""
    aurora = read_variable(connection, "aurora_version")
    return (
        f"the database server is Amazon Aurora {aurora}, on which nobody has verified that a failover keeps the freeze"
        if aurora
        else explain_product(read_product(connection))
    )


def explain_product(server: Product) -> str:
    """Return why a managed server of this product cannot be closed; empty when it can."""
    if server.mysql and server.version >= OLDEST:
        return ""
    return (
        f"{server.name} as a managed server cannot be closed for writes while the site is read:"
        f" only MySQL since {'.'.join(map(str, OLDEST))} can make a schema read-only without the privilege SUPER"
    )


def prove_closed(connection: Connection, layout: Layout, run: str) -> None:
    """Raise SiteError unless this run's freeze is in force: the schemas are read-only, and nothing follows the marker in the binary log."""
    found, marker = lockout.read_lockout(layout), freeze.read_marker_position(layout, run)
    if marker is None or not is_closed(connection, layout.application.database.schemas):
        raise SiteError(f"the database server is not closed by run {run}", next_action="the run must roll back")
    if found.server != _read_identity(connection):
        raise SiteError(
            "another database server answers since the marker was written: its binary log proves nothing",
            next_action="the run must roll back; deploy again when the failover or the restore has ended",
        )
    freeze.require_only_marker(connection, marker, layout)


def resume_writes(connection: Connection, layout: Layout) -> None:
    """Open the schemas that the freeze has closed. The list of them is removed last, so that this can be repeated until it is complete."""
    for name in list_closed(connection, lockout.read_lockout(layout).schemas):
        _switch(connection, name, is_read_only=False)
    layout.database_lockout.unlink(missing_ok=True)


def is_closed(connection: Connection, schemas: Sequence[str]) -> bool:
    """Return whether all these schemas are read-only. Every account with a privilege on a schema sees it."""
    return all(one in list_closed(connection, schemas) for one in schemas)


def list_closed(connection: Connection, schemas: Sequence[str]) -> list[str]:
    """Return those of the schemas that are read-only, as far as the account of the connection may see them."""
    query = "SELECT schema_name FROM information_schema.schemata_extensions WHERE options LIKE '%READ ONLY=1%'"
    found = {str(name) for (name,) in fetch_rows(connection, query)}
    return [name for name in schemas if name in found]


def format_opening(schemas: Sequence[str]) -> str:
    """Return the statements by which an administrator opens the schemas by hand."""
    return "; ".join(f"ALTER DATABASE {quote_identifier(name)} READ ONLY = 0" for name in schemas)


def _switch(connection: Connection, schema: str, *, is_read_only: bool) -> int:
    """Make a schema read-only or writable. Return how many connections had to be ended. Raises SiteError.

    Waits for transactions, also those that only read, for a limited time, then ends them. A statement that kept waiting after this client has ended
    would later close a site that is open.
    """
    execute(connection, f"SET SESSION lock_wait_timeout = {LOCK_WAIT_SECONDS}")
    statement = f"ALTER DATABASE {quote_identifier(schema)} READ ONLY = {int(is_read_only)}"
    what = f"the schema {schema} cannot become {'read-only' if is_read_only else 'writable'}"
    try:
        execute(connection, statement)
    except SERVER_ERRORS as first:
        if first.args[0] != LOCK_WAIT_TIMEOUT:
            advice = "give the administrator's account ALTER on this schema"
            raise SiteError(f"{what}: {first.args[-1]}", next_action=advice) from first
        LOG.warning("%s yet: %s", what, first)
        ended = end_transactions(connection)
        try:
            execute(connection, statement)
        except SERVER_ERRORS as error:
            advice = f"look which session uses its tables (SHOW PROCESSLIST): a backup, an ALTER; then run {statement} or repeat this"
            raise SiteError(f"{what}: {error.args[-1]}", next_action=advice) from error
        return ended
    return 0


def _has_schema(connection: Connection, schema: str) -> bool:
    query = "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = %s"
    return bool(fetch_value(connection, query, (schema,)))


def _read_identity(connection: Connection) -> str:
    """Return what distinguishes the server's data from those of another one behind the same name."""
    return str(read_variable(connection, "server_uuid"))
