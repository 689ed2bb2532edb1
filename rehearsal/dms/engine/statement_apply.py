"""Apply DDL of the source to the target, according to ChangeProcessingDdlHandlingPolicy.

A statement commits implicitly, so it cannot share a transaction with the checkpoint. The engine records it as announced, executes it, and
records it as executed. After a crash in between it executes it again. An object that is then missing or already exists is no error.
"""

from __future__ import annotations

import logging

import pymysql

from rehearsal.dms.engine import ddl
from rehearsal.dms.engine.changes import Statement, Transaction
from rehearsal.dms.engine.databases import Connection, Position, execute
from rehearsal.dms.engine.failures import TableFailed, format_error, is_transient
from rehearsal.dms.engine.job import Job
from rehearsal.dms.engine.prepare import create
from rehearsal.dms.engine.progress import Progress
from rehearsal.dms.engine.records import Records, TableRecord, parse_position
from rehearsal.dms.engine.tables import Name, describe, quote, quote_full_name

_log = logging.getLogger(__name__)
_DONE_BEFORE = {1050, 1051, 1060, 1061, 1091, 1146}
"""Exists already, unknown table, duplicate column, duplicate key, nothing to drop, no such table."""
_POLICY = {
    "drop": "HandleSourceTableDropped",
    "truncate": "HandleSourceTableTruncated",
    "alter": "HandleSourceTableAltered",
}


class StatementApplier:
    def __init__(self, job: Job, target: Connection, records: Records, progress: Progress) -> None:
        self._job, self._target, self._records, self._progress = job, target, records, progress

    def apply(self, transaction: Transaction, *, announced: Position | None) -> list[TableFailed]:
        """Apply a statement, and return the tables that cannot be replicated any more. `announced` is the statement that an earlier run began."""
        statement = transaction.statement
        assert statement is not None
        found = ddl.parse(statement.text, statement.schema)
        again = announced == transaction.end
        failed: list[TableFailed] = []
        if found is not None:
            execute(self._target, "BEGIN")
            self._records.put_checkpoint(self._target, parse_position(self._progress.checkpoint), transaction.end)
            execute(self._target, "COMMIT")
            for one in found.tables:
                name = (one.schema, one.table)
                record = self._progress.record(name)
                if not self._job.mappings.is_selected(*name):
                    continue
                if record is not None and record.low is not None and transaction.end <= record.low:
                    continue  # the table was loaded after this
                try:
                    self._do(found.verb, name, record, statement, transaction.end, again=again)
                except pymysql.err.MySQLError as error:
                    if is_transient(error):
                        raise
                    failed.append(
                        TableFailed(
                            name, f"{found.verb.upper()} TABLE was refused by the target: {format_error(error)}"
                        )
                    )
                except TableFailed as error:
                    failed.append(error)
        execute(self._target, "BEGIN")
        self._records.put_checkpoint(self._target, transaction.end)
        self._records.put_tables(self._target, self._progress.list_records() if found else [])
        execute(self._target, "COMMIT")
        self._progress.checkpoint = str(transaction.end)
        return failed

    def _do(
        self,
        verb: ddl.Verb,
        name: Name,
        record: TableRecord | None,
        statement: Statement,
        end: Position,
        *,
        again: bool,
    ) -> None:
        target = quote_full_name(self._job.map_name(name))
        if verb == "rename":
            raise TableFailed(name, "RENAME TABLE is not replicated by DMS")
        if verb in _POLICY and not self._job.settings["ChangeProcessingDdlHandlingPolicy"][_POLICY[verb]]:
            return
        if verb == "create":
            self._create(name, end)
        elif record is None:
            return
        elif verb == "drop":
            execute(self._target, f"DROP TABLE IF EXISTS {target}")
            self._progress.remove(name)
            self._records.drop_table(self._target, name)
            return
        elif verb == "truncate":
            execute(self._target, f"TRUNCATE TABLE {target}")
        else:
            self._run_verbatim(name, statement, again=again)
        self._progress.count(name, "AppliedDdls")
        self._progress.count_captured_ddl(name)
        _log.info("%s TABLE %s.%s", verb.upper(), *name)

    def _run_verbatim(self, name: Name, statement: Statement, *, again: bool) -> None:
        schema, _ = self._job.map_name(name)
        if schema != name[0]:
            raise TableFailed(name, "ALTER TABLE cannot be replicated into a schema of another name by the rehearsal")
        execute(self._target, f"USE {quote(statement.schema or schema)}")
        try:
            execute(self._target, statement.text)
        except pymysql.err.MySQLError as error:
            if not (again and error.args[0] in _DONE_BEFORE):
                raise

    def _create(self, name: Name, end: Position) -> None:
        """Add a table that DMS makes: without AUTO_INCREMENT and secondary indexes. It begins empty at this very position."""
        target = self._job.map_name(name)
        if not describe(self._target, [target]):
            source = self._job.source.connect()
            try:
                table = describe(source, [name]).get(name)
            finally:
                source.close()
            if table is None:
                _log.info("%s.%s is gone again", *name)
                return
            create(self._target, table, target)
        self._progress.add(TableRecord(name, "Table completed", end, end))
