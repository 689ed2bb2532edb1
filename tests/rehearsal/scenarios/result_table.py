"""The last lines of `make scenarios`: the result of each scenario, for people. No test asserts these seconds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.rehearsal.scenarios.outcome import Outcome

ROWS = pytest.StashKey[list[tuple[str, ...]]]()
HEAD = ("scenario", "end", "writes", "longest without one", "from failure to open")


def add_row(config: pytest.Config, name: str, found: Outcome) -> None:
    """Add the result of one scenario to the table of this session."""
    recovery = "" if found.recovery_seconds is None else f"{found.recovery_seconds:.2f} s"
    end = found.end if not found.problems else f"{found.end}, WRONG"
    row = (name, end, str(found.writes), f"{found.longest_gap_seconds:.1f} s", recovery)
    config.stash.setdefault(ROWS, []).append(row)


def format_table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the lines of the table: texts are aligned left, numbers are aligned right."""
    widths = [max(len(row[column]) for row in (HEAD, *rows)) for column in range(len(HEAD))]
    return [
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (HEAD, *rows)
    ]
