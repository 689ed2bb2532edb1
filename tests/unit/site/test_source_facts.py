"""Facts of servers that are older than the servers that the tests can start."""

from __future__ import annotations

from typing import Any

import pymysql
import pytest
from cutover_site.database.log_encodings import find_log_encodings
from cutover_site.database.log_filters import select_unlogged
from cutover_site.database.products import Product
from cutover_site.database.source_facts import explain_too_old
from cutover_site.database.variables import read_binlog_retention_seconds

DAY = 86_400


class Server:
    """A server that has only these global variables."""

    def __init__(self, **variables: Any) -> None:
        self._variables = variables
        self._found: tuple[tuple[Any], ...] = ()

    def cursor(self) -> Server:
        return self

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None: ...

    def execute(self, query: str, _arguments: object = None) -> None:
        name = query.rpartition(".")[2]
        if name not in self._variables:
            raise pymysql.err.OperationalError(1193, f"Unknown system variable '{name}'")
        self._found = ((self._variables[name],),)

    def fetchall(self) -> object:
        return self._found


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({"expire_logs_days": 10}, 10 * DAY),  # MariaDB up to 10.5, MySQL 5.7
        ({"expire_logs_days": 0}, 0),
        ({"binlog_expire_logs_seconds": 0, "expire_logs_days": 3}, 3 * DAY),  # MySQL 8.0
        ({"binlog_expire_logs_seconds": 7200, "expire_logs_days": 0.083333}, 7200),
        ({"binlog_expire_logs_seconds": 0}, 0),  # MySQL 8.4
        ({"binlog_expire_logs_seconds": 7200, "binlog_expire_logs_auto_purge": 0}, 0),
        ({}, None),
    ],
)
def test_the_retention_of_the_binary_log_is_read_from_the_variable_of_the_version(
    variables: dict[str, Any], seconds: int | None
) -> None:
    assert read_binlog_retention_seconds(Server(**variables)) == seconds  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({}, {}),
        ({"binlog_transaction_compression": 0, "binlog_row_value_options": ""}, {}),
        ({"log_bin_compress": 0}, {}),
        ({"log_bin_compress": 1}, {"log_bin_compress": "ON"}),
        (
            {"binlog_transaction_compression": 1, "binlog_row_value_options": "PARTIAL_JSON"},
            {"binlog_transaction_compression": "ON", "binlog_row_value_options": "PARTIAL_JSON"},
        ),
    ],
)
def test_a_binary_log_that_dms_cannot_read_is_found(variables: dict[str, Any], found: dict[str, str]) -> None:
    assert find_log_encodings(Server(**variables)) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("only", "never", "unlogged"),
    [
        ([], [], []),
        ([], ["mysql", "gogs"], ["gogs"]),
        (["gogs"], [], ["cutover"]),
        (["gogs", "cutover"], ["gogs"], []),
    ],
)
def test_a_schema_that_filters_keep_out_of_the_binary_log_is_found(
    only: list[str], never: list[str], unlogged: list[str]
) -> None:
    assert select_unlogged(["gogs", "cutover"], only, never) == unlogged


@pytest.mark.parametrize(
    ("server", "old"),
    [
        (Product(True, (5, 6, 51)), True),
        (Product(True, (5, 7, 44)), False),
        (Product(False, (10, 1, 48)), True),
        (Product(False, (10, 5, 29)), False),
    ],
)
def test_a_server_that_is_too_old_is_named_with_advice(server: Product, old: bool) -> None:
    assert bool(explain_too_old(server)) == old
    assert not old or (server.name in explain_too_old(server) and "upgrade" in explain_too_old(server))
