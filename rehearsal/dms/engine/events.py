"""Which events of a binary log the engine may pass over, and why it stops at the others.

Numbers: MySQL's `Log_event_type` (libbinlogevents/include/binlog_event.h), MariaDB's (sql/log_event.h). An event that is neither read nor
named here stops the task: it may hold rows.
"""

from __future__ import annotations

HEARTBEAT = 27
MARIADB_STANDALONE = 0x01
"""Flag of MariaDB's GTID event: what follows is one statement. Without it the event begins a transaction, in the place of BEGIN."""
MARIADB_XA = 0x40 | 0x80
"""Flags of MariaDB's GTID event: a prepared XA transaction, the end of one."""
XA = "the source uses XA transactions, which the rehearsal does not replicate"
_IGNORABLE = 0x80
"""Flag in an event's header: a reader that does not know the event may pass over it."""
_STATEMENT_DATA = frozenset({9, 17, 18})
"""Append_block, Begin_load_query, Execute_load_query: LOAD DATA, logged as a statement."""
_INCIDENT = 26
_PAYLOAD = 40
"""Transaction_payload: a whole transaction, compressed."""
_MARIADB_COMPRESSED = frozenset(range(165, 172))
_PASSED_OVER = frozenset(
    {
        3,  # Stop
        5, 13, 14,  # Intvar, Rand, User_var: for a statement that comes next, and is refused itself
        15,  # Format_description
        19,  # Table_map: the reader keeps it
        27, 41,  # Heartbeat
        28, 29,  # Ignorable, Rows_query
        33, 34, 35, 42,  # Gtid, Anonymous_gtid, Previous_gtids, Gtid_tagged
        36, 37,  # Transaction_context, View_change: of group replication
        160, 161, 163, 164,  # MariaDB: Annotate_rows, Binlog_checkpoint, Gtid_list, Start_encryption
    }
)  # fmt: skip


def find_rejection_reason(number: int, flags: int) -> str:
    """Return why the task cannot go on after an event that is not decoded; empty when the event holds no rows."""
    if number == _PAYLOAD:
        return "the source compresses its binary log (binlog_transaction_compression), which DMS cannot read: set it to OFF"
    if number in _MARIADB_COMPRESSED:
        return "the source compresses its binary log (log_bin_compress), which DMS cannot read: set it to OFF"
    if number in _STATEMENT_DATA:
        return "binlog_format must be ROW at the source: a statement that loads rows was logged"
    if number == _INCIDENT:
        return "the source's binary log reports that events were lost: load all tables again"
    if number in _PASSED_OVER or flags & _IGNORABLE:
        return ""
    return f"the source's binary log holds an event of the unknown type {number}"
