"""The digests of tables in the evidence: all of them, whatever their number. The execution's state holds only how many they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from procedure.context import Context
from procedure.plan import evidence_name
from procedure.state.comparison import EqualTables

MOST_LINES = 200
"""tables whose digests one record of the window names: a record that cannot be written then waits in the execution's state"""
Lines = Mapping[str, Mapping[str, Any]]
"""by table: its rows and its digest"""


def keep_equal(context: Context, equal: Lines) -> None:
    """Write the digests of tables that the next comparison leaves out, as `<nn>-<step>-tables-<number>`, and count them in the state."""
    total = add_equal(context, equal)
    name = f"{evidence_name(context.run.kind, context.step.name)}-tables-{len(total.digests) + 1}"
    total.digests.append(context.evidence.write(name, {"tables": equal}))
    context.state.comparison.equal = total


def forget_equal(context: Context) -> None:
    """Count from nothing: the next comparison takes every table."""
    context.state.comparison.equal = EqualTables()


def add_equal(context: Context, equal: Lines) -> EqualTables:
    """Return how many tables and rows were equal, these and those of earlier comparisons, and where the digests of the latter are."""
    before = context.state.comparison.equal
    return EqualTables(
        tables=before.tables + len(equal),
        rows=before.rows + sum(int(line["rows"]) for line in equal.values()),
        digests=list(before.digests),
    )


def name_few(lines: Lines) -> Lines:
    """Return the lines if they are few, else none."""
    return lines if len(lines) <= MOST_LINES else {}
