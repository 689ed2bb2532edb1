"""Evaluate whether the replication of the database is good enough to go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from common.clients.dms import TableState, Task

LOADED = "Table completed"
BROKEN_TABLE = frozenset({"Table error", "Table cancelled", "Table is being reloaded failed"})
BROKEN_TASK = frozenset({"failed", "failed-move", "deleting"})
MISMATCHED = frozenset({"Mismatched records", "Table error"})
UNVALIDATED = frozenset({"Suspended records", "Error"})
"""Rows that DMS could not compare. They may be equal; the step verify compares every table itself."""
CHANGING = frozenset({"creating", "starting", "modifying", "testing", "moving"})


@dataclass(frozen=True)
class Verdict:
    """The state of the replication. The run continues when `waiting`, `differing` and `blocked` are empty.

    `waiting` passes with time, `differing` (schema.table: reason) needs a reload, `blocked` needs a person. `unvalidated`: tables that DMS could
    not validate completely; the procedure's own comparison decides about them.
    """

    waiting: list[str] = field(default_factory=list)
    differing: dict[str, str] = field(default_factory=dict)
    blocked: list[str] = field(default_factory=list)
    unvalidated: list[str] = field(default_factory=list)


def evaluate(task: Task, tables: Sequence[TableState]) -> Verdict:
    """Return the reasons against going on, from the states of the task and of its tables."""
    verdict = Verdict()
    if task.status in BROKEN_TASK:
        verdict.blocked.append(
            f"replication task {task.name} has failed: {task.failure or task.stop_reason or 'no message'}"
        )
        return verdict
    if task.status != "running":
        (verdict.waiting if task.status in CHANGING else verdict.blocked).append(
            f"replication task {task.name} is {task.status}, not running"
        )
        return verdict
    if not tables:
        verdict.waiting.append(f"replication task {task.name} lists no tables yet")
    for table in tables:
        if table.state in BROKEN_TABLE:
            verdict.blocked.append(f"table {table.name} was not loaded: {table.state}")
        elif table.state != LOADED:
            verdict.waiting.append(f"table {table.name}: {table.state or 'not begun'}")
        if table.validation in MISMATCHED:
            verdict.differing[table.name] = (
                f"table {table.name}: {table.failed_records} rows differ on the target ({table.validation})"
            )
        elif table.validation in UNVALIDATED:
            verdict.unvalidated.append(
                f"table {table.name}: DMS could not validate {table.suspended_records or 'its'} rows ({table.validation})"
            )
    if task.percent < 100 and not verdict.waiting:
        verdict.waiting.append(f"full load at {task.percent} %")
    return verdict


def summarize_reasons(reasons: Sequence[str], most: int = 4) -> str:
    """Return the first reasons in one sentence."""
    shown = "; ".join(reasons[:most])
    return f"{shown}; and {len(reasons) - most} more" if len(reasons) > most else shown
