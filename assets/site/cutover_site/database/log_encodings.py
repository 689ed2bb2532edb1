"""Find forms of the binary log that AWS DMS cannot read. A task of AWS DMS fails at the first change that is logged in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cutover_site.database.connections import Connection
from cutover_site.database.variables import read_variable

WANTED: Mapping[str, str] = MappingProxyType(
    {
        # MySQL 8.0.20 and later: DMS user guide, "MySQL assessments", transaction compression
        "binlog_transaction_compression": "OFF",
        # MariaDB 10.2.3 and later
        "log_bin_compress": "OFF",
        # MySQL 8.0.3 and later: PARTIAL_JSON logs only the changed part of a document
        "binlog_row_value_options": "''",
    }
)
"""by variable: the value of a server whose log can be read"""
_READABLE = frozenset({"", "0", "OFF"})


def find_log_encodings(connection: Connection) -> dict[str, str]:
    """Return the value of each of these variables that has to be changed. A server without a variable writes no such log."""
    found = {name: read_variable(connection, name) for name in WANTED}
    values = {name: str(value).upper() for name, value in found.items() if value is not None}
    return {name: "ON" if value == "1" else value for name, value in values.items() if value not in _READABLE}
