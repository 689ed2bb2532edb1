"""Check again, right before the window, what must not become old while a run waits for its go; and predict the window.

The last consistent point of the replicated disks is not among it: nothing is read from them after the launch. Files are copied and compared from
the source itself, and the program of source and targets is compared here.
"""

from __future__ import annotations

import math
from typing import Any

from common.clock import parse_iso
from common.errors import StepFailed

from procedure.context import Context
from procedure.evidence_names import format_evidence_name
from procedure.logic.prediction import (
    Measurements,
    compute_turn_seconds,
    count_rows_to_digest,
    predict_window_seconds,
)
from procedure.logic.replication import evaluate, summarize_reasons
from procedure.outcome import Pending
from procedure.state.commands import Command
from procedure.steps.program import verify_program
from procedure.steps.source_checks import check_source
from procedure.steps.table_digests import LARGE_TABLE_ROWS

RECHECK_SECONDS = 60.0
"""time between the beginnings of two checks"""
FRESH_SECONDS = 120.0
"""how old the check may be when the window begins"""
MEASURED = (Command.MEASURE_LOG, Command.MEASURE_CHANGED_FILES)
STEPS_BEFORE = ("verify-files", "verify-program", "sync-auto-increment")
"""consecutive steps, the last before this one"""
REPEATED = (Command.CHECK, Command.DIGEST_PROGRAM, Command.SYNC_AUTO_INCREMENT, *MEASURED)


def is_fresh(context: Context) -> bool:
    """Return whether a check has ended that is not too old."""
    gate = context.state.gate
    return bool(gate.checked_at) and context.clock.now() - gate.checked_at <= FRESH_SECONDS


def check_readiness(context: Context) -> None:
    """Go on with the check that runs, or begin one when the last is old. StepFailed for what does not pass with time."""
    gate, now = context.state.gate, context.clock.now()
    if not gate.checking_since:
        if gate.checked_at and now - gate.checked_at < RECHECK_SECONDS:
            return
        gate.checking_since, gate.measured = now, {}
        context.commands.reset(*REPEATED)
    reasons = _check_database(context)
    source, program = check_source(context), verify_program(context)
    numbers = context.commands.poll(Command.SYNC_AUTO_INCREMENT, context.replica)
    log, files = _measure(context)
    if source is None or isinstance(program, Pending) or numbers is None or log is None or files is None:
        return
    gate.reasons = reasons
    _predict(context, log)
    gate.checked_at, gate.checking_since = gate.checking_since, 0.0


def _check_database(context: Context) -> list[str]:
    """Return what the replication of the rows still waits for. StepFailed when it has failed, or when rows differ."""
    database, limit = context.database, context.limits.replication_lag
    task = database.read_task()
    verdict = evaluate(task, database.list_tables())
    if blocked := [*verdict.blocked, *verdict.differing.values()]:
        raise StepFailed(
            summarize_reasons(blocked),
            machine=task.name,
            next_action="read the replication task's log, then deploy again: the next run reloads tables that differ",
        )
    lag = database.read_lag(task, now=context.clock.now())
    late = (
        [f"the target is {lag:.0f} s behind, at most {limit} s are accepted"] if lag is not None and lag > limit else []
    )
    return [*verdict.waiting, *late]


def _measure(context: Context) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return what was written to the database since the comparison, and the digest of the changed files; None while the machine works."""
    source, replication = context.state.source, context.replication
    since = context.require(source.files_compared_since, "when the files were compared")
    position = context.require(source.log_position, "the log position from before the comparison")
    commands: tuple[tuple[Command, str, dict[str, str | int | bool]], ...] = (
        (Command.MEASURE_LOG, replication.source_database_instance_id, {"since": position}),
        (
            Command.MEASURE_CHANGED_FILES,
            replication.source_app_instance_id,
            {"side": "source", "refs": True, "since": since, "whole": context.state.comparison.different_file_lines},
        ),
    )
    results = [
        context.commands.poll(command, machine, options, limit=context.limits.verify)
        for command, machine, options in commands
    ]
    for (command, machine, _), result in zip(commands, results, strict=True):
        if result is not None:
            # By Systems Manager: the step looks at most once a second, which is longer than most commands.
            taken = context.commands.list_seconds(command)
            seconds = max(taken) if taken else context.clock.now() - context.commands.get_sent_at(command, machine)
            context.state.gate.measured.setdefault(command.value, round(seconds, 3))
    return results[0], results[1]


def _predict(context: Context, log: dict[str, Any]) -> None:
    """Keep the prediction of the window; None when a term of it is not known."""
    gate, database = context.state.gate, context.database
    lag = database.read_lag(database.read_task(), now=context.clock.now())
    accepted, compared = (_read_evidence(context, step) for step in ("accept-scratch", "verify"))
    turn = _measure_turn(context)
    gate.predicted_seconds, gate.prediction_facts = None, {}
    if lag is None or accepted is None or compared is None or turn is None:
        return
    rows_to_digest, rows_of_all_tables = _count_rows(context, log)
    measured = Measurements(
        turn_seconds=turn,
        check_seconds=max(
            (float(one.get("seconds") or 0.0) for one in accepted["facts"].get("checks", [])), default=0.0
        ),
        lag_seconds=lag,
        log_seconds=gate.measured[Command.MEASURE_LOG],
        rows_to_digest=rows_to_digest,
        rows_of_all_tables=rows_of_all_tables,
        digest_seconds=context.state.comparison.digest_seconds or float(compared["seconds"]),
        files_seconds=gate.measured[Command.MEASURE_CHANGED_FILES],
    )
    gate.predicted_seconds, gate.prediction_facts = predict_window_seconds(measured), measured.to_json()


def _measure_turn(context: Context) -> float | None:
    """Return the time between the steps of this run, by the last ones before this step. None: their evidence is missing."""
    records = [_read_evidence(context, step) for step in STEPS_BEFORE]
    steps = [(parse_iso(one["began"]), parse_iso(one["ended"])) for one in records if one is not None]
    if len(steps) < len(STEPS_BEFORE):
        return None
    return compute_turn_seconds([*steps, (context.began, context.began)])


def _count_rows(context: Context, log: dict[str, Any]) -> tuple[int, int]:
    """Return the rows that the window would digest, and all rows, as DMS has counted them."""
    tables, comparison = context.database.list_tables(), context.state.comparison
    names = context.settings.profile.database
    rows = {
        names.format_label(table.schema, table.table): table.rows for table in tables if table.schema in names.schemas
    }
    before = context.state.source.changes_at_position
    changes = math.inf if before is None else max(0, sum(table.changes for table in tables) - before)
    again = comparison.different_tables
    written = None if log["other_statements"] or again is None else {*log["tables"], *again}
    total = sum(rows.values())
    return count_rows_to_digest(rows, written, changes=int(min(changes, total)), large=LARGE_TABLE_ROWS), total


def _read_evidence(context: Context, step: str) -> dict[str, Any] | None:
    return context.evidence.read(format_evidence_name(context.run.kind, step))
