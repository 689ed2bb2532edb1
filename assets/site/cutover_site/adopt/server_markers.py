"""Implement `adopt.markers.Markers` with SQL. A module of its own, because it needs PyMySQL, which a machine may lack until it is adopted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from cutover_site.adopt.markers import MarkersState
from cutover_site.database.connections import (
    Connection,
    connect,
    connect_as_root,
    execute,
    fetch_value,
    quote_identifier,
)
from cutover_site.database.login import DatabaseLogin
from cutover_site.layout import MARKER_SCHEMA, Layout

TABLE = "marker"
_CREATE = f"""\
CREATE TABLE IF NOT EXISTS {quote_identifier(MARKER_SCHEMA)}.{TABLE}
(run_id VARCHAR(64) NOT NULL PRIMARY KEY, written_unix BIGINT NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci"""
_HAS_SCHEMA = "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = %s"
_HAS_TABLE = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = %s AND table_name = %s"
_HAS_OTHERS = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = %s"


@dataclass(frozen=True)
class ServerMarkers:
    """Connects to the server of this machine by its socket as root, or to a managed server. Each method raises DatabaseUnreachable.

    `find_login`: returns the login of a managed server's administrator, None when the server is on this machine.
    """

    layout: Layout
    find_login: Callable[[], DatabaseLogin | None] = lambda: None

    def _connect(self) -> AbstractContextManager[Connection]:
        login = self.find_login()
        return connect_as_root(self.layout) if login is None else connect(login, timeout=60)

    def read(self) -> MarkersState:
        """Read information_schema: neither the schema nor the table need exist."""
        with self._connect() as connection:
            return MarkersState(
                bool(fetch_value(connection, _HAS_SCHEMA, (MARKER_SCHEMA,))),
                bool(fetch_value(connection, _HAS_TABLE, (MARKER_SCHEMA, TABLE))),
            )

    def create(self) -> None:
        """Create both with the collation of the other tables of the product, which MySQL has too."""
        with self._connect() as connection:
            execute(connection, f"CREATE DATABASE IF NOT EXISTS {quote_identifier(MARKER_SCHEMA)}")
            execute(connection, _CREATE)

    def remove(self, *, with_schema: bool) -> list[str]:
        """Drop the table. A schema with other tables is somebody else's and stays."""
        schema = quote_identifier(MARKER_SCHEMA)
        with self._connect() as connection:
            execute(connection, f"DROP TABLE IF EXISTS {schema}.{TABLE}")
            if not with_schema:
                return []
            if fetch_value(connection, _HAS_OTHERS, (MARKER_SCHEMA,)):
                return [f"schema {MARKER_SCHEMA} stays, because it has tables of somebody else"]
            execute(connection, f"DROP DATABASE IF EXISTS {schema}")
        return []
