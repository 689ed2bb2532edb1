"""Write the digests of all tables to the evidence. The execution's state holds only their number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from procedure.context import Context
from procedure.evidence_names import format_evidence_name
from procedure.state.comparison import EqualTables

MAX_LINES = 200
"""tables per record in the window. A record that the bucket did not take waits in the execution's state, which must stay small."""
Lines = Mapping[str, Mapping[str, Any]]
"""by table: its rows and its digest"""


def save_equal(context: Context, equal: Lines) -> None:
    """Write the digests of tables that the next comparison leaves out, as `<nn>-<step>-tables-<number>`, and count them in the state."""
    total = sum_equal(context, equal)
    name = f"{format_evidence_name(context.run.kind, context.step.name)}-tables-{len(total.digests) + 1}"
    total.digests.append(context.evidence.write(name, {"tables": equal}))
    context.state.comparison.equal = total


def reset_equal(context: Context) -> None:
    """Reset the count to zero: the next comparison takes every table."""
    context.state.comparison.equal = EqualTables()


def sum_equal(context: Context, equal: Lines) -> EqualTables:
    """Return the sum of this and earlier comparisons: equal tables, their rows, and the objects with the digests of the earlier ones."""
    before = context.state.comparison.equal
    return EqualTables(
        tables=before.tables + len(equal),
        rows=before.rows + sum(int(line["rows"]) for line in equal.values()),
        digests=list(before.digests),
    )


def limit_lines(lines: Lines) -> Lines:
    """Return the lines, or none when they are more than MAX_LINES."""
    return lines if len(lines) <= MAX_LINES else {}
