"""The objects that all parts of an engine's session share."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from rehearsal.dms.engine.commands import Commands
from rehearsal.dms.engine.databases import Connection, Position
from rehearsal.dms.engine.failures import TableFailed, TaskFailed
from rehearsal.dms.engine.job import Job
from rehearsal.dms.engine.lobs import Lobs
from rehearsal.dms.engine.progress import Progress
from rehearsal.dms.engine.records import Records
from rehearsal.dms.engine.tables import Name, Table

_log = logging.getLogger(__name__)


@dataclass
class Bench:
    """The shared objects of a session. `target`: the one connection that writes rows and checkpoints. Only the session's own thread uses it."""

    job: Job
    commands: Commands
    progress: Progress
    records: Records
    lobs: Lobs
    target: Connection
    described: dict[Name, Table] = field(default_factory=dict)
    """Tables as they were when they were loaded."""
    applied: Position | None = None
    """Everything that the source logged up to here is on the target."""
    announced: Position | None = None
    """A statement that an earlier run had begun."""

    def handle_table_failure(self, error: TableFailed) -> None:
        """Apply TableErrorPolicy to a failed table: set it to `Table error`, or raise TaskFailed."""
        _log.error("%s", error)
        if self.job.get_policy("TableErrorPolicy") == "STOP_TASK":
            raise TaskFailed(str(error))
        self.progress.set_state(error.table, "Table error", error.reason)
        record = self.progress.record(error.table)
        if record is not None:
            self.records.put_tables(self.target, [record])
