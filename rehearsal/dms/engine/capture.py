"""Read the source's binary log from a position on, in a thread of its own."""

from __future__ import annotations

import logging
import socket
import threading
import time
from typing import Any

import pymysql
from pymysqlreplication import BinLogStreamReader  # type: ignore[import-untyped]

from rehearsal.dms.engine import events
from rehearsal.dms.engine.assembler import Assembler
from rehearsal.dms.engine.changes import Ended, Inbox
from rehearsal.dms.engine.databases import Position, Server, open_connection
from rehearsal.dms.engine.failures import Recoverable, TaskFailed, format_error, is_transient
from rehearsal.dms.engine.logged_tables import LoggedTables

_log = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 1.0
SILENCE_SECONDS = 10.0
"""Without even a heartbeat for so long the connection counts as lost."""


class Capture:
    """Reads the source's log."""

    def __init__(self, server: Server, server_id: int, start: Position, inbox: Inbox, tables: LoggedTables) -> None:
        self._server, self._server_id, self._start, self._inbox = server, server_id, start, inbox
        self._assembler = Assembler(start, inbox, tables)
        self._connections: list[Any] = []
        self.last_event_at = time.time()
        """time of the last event from the source, heartbeats included"""
        self.waiting = False
        """whether all existing events have been read"""
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._ended = False

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End the thread, also when it waits for the source or for the applier."""
        self._ended = True
        self._inbox.close()
        for connection in self._connections:
            if (link := getattr(connection, "_sock", None)) is not None:
                try:
                    link.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it was closed before
        self._thread.join(5)

    @property
    def behind(self) -> float:
        """Return the seconds by which the reader is behind the source."""
        silence = time.time() - self.last_event_at
        if silence > 2 * HEARTBEAT_SECONDS:
            return silence
        return 0.0 if self.waiting else measure_age_seconds(self._event_time)

    _event_time = 0.0

    def _run(self) -> None:
        try:
            self._read()
        except Exception as error:  # noqa: BLE001  passed to the applier, which ends the session
            if not self._ended:
                self._inbox.put(Ended(_wrap_error(error)))

    def _read(self) -> None:
        stream = BinLogStreamReader(
            {**self._server.build_arguments(), "read_timeout": SILENCE_SECONDS},
            server_id=self._server_id,
            blocking=True,
            resume_stream=True,
            log_file=self._start.file,
            log_pos=self._start.offset,
            filter_non_implemented_events=False,
            slave_heartbeat=HEARTBEAT_SECONDS,
            enable_logging=False,
            pymysql_wrapper=self._connect,
        )
        try:
            while True:
                event = stream.fetchone()
                if event is None:
                    raise Recoverable("the source ended the stream of its binary log")
                self.last_event_at = time.time()
                position = Position.of(stream.log_file, stream.log_pos)
                if event.event_type == events.HEARTBEAT:
                    self.waiting = True
                    self._assembler.end_at(position, self.last_event_at)
                    continue
                self.waiting = False
                self._event_time = float(event.timestamp or self.last_event_at)
                self._assembler.take(event, position, event_time=self._event_time, received_at=self.last_event_at)
        finally:
            stream.close()

    def _connect(self, **arguments: Any) -> Any:
        """Open one connection for the stream, one beside it.

        A third would be the package's own attempt to go on after a loss, from the middle of a transaction: ours goes on from the
        checkpoint.
        """
        if len(self._connections) == 2:
            raise Recoverable("the connection to the source was lost")
        if "db" in arguments:  # the package's name for it, which PyMySQL has given up
            arguments["database"] = arguments.pop("db")
        self._connections.append(open_connection(**arguments))
        return self._connections[-1]


def measure_age_seconds(logged: float) -> float:
    """Return the seconds since a time of the log. The log has only whole seconds, so the age within the same second is 0."""
    return max(0.0, float(int(time.time()) - int(logged)))


def _wrap_error(error: Exception) -> Exception:
    if isinstance(error, Recoverable | TaskFailed):
        return error
    if isinstance(error, pymysql.err.MySQLError) and error.args and error.args[0] == 1236:
        return TaskFailed(f"the source no longer has the binary log that is needed: {format_error(error)}")
    if is_transient(error):
        return Recoverable(f"reading the source's binary log: {format_error(error)}")
    _log.error("reading the binary log failed", exc_info=error)
    return TaskFailed(f"reading the source's binary log: {format_error(error)}")
