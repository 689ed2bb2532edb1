"""What ends the work of the engine.

EngineError             the message is one sentence for LastFailureMessage
  TaskFailed            nothing can be done about it by waiting: the task is `failed`
  Recoverable           a lost connection, a server that restarts: connect again and go on from the checkpoint
  TableFailed           one table cannot be carried; what happens then is for the task's TableErrorPolicy
"""

from __future__ import annotations

import pymysql

from rehearsal.dms.engine.tables import Name

# Connections that break, servers that stop or have no place left, waits for locks that may be shorter next time.
_TRANSIENT = {1040, 1053, 1077, 1079, 1129, 1152, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1927, 2002, 2003, 2006, 2013, 2014, 2055}  # fmt: skip


class EngineError(Exception):
    """The message is one sentence: what happened, on the source or on the target."""


class TaskFailed(EngineError):
    """The task cannot continue. A retry does not help."""


class Recoverable(EngineError):
    """Another attempt may succeed."""


class TableFailed(EngineError):
    """One table cannot be replicated."""

    def __init__(self, table: Name, message: str) -> None:
        super().__init__(f"table {table[0]}.{table[1]}: {message}")
        self.table = table
        self.reason = message


def is_transient(error: BaseException) -> bool:
    """Return whether a database error means that the connection or the server is lost, so that a retry may help."""
    if isinstance(error, pymysql.err.InterfaceError | OSError):
        return True
    return isinstance(error, pymysql.err.MySQLError) and bool(error.args) and error.args[0] in _TRANSIENT


def format_error(error: BaseException) -> str:
    """Format a database error: its message without the tuple around it."""
    if isinstance(error, pymysql.err.MySQLError) and len(error.args) >= 2:
        return f"{error.args[1]} (error {error.args[0]})"
    return str(error) or type(error).__name__
