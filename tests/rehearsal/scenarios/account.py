"""The last lines of `make scenarios`: how each one ended. For a person to read; nothing is asserted of seconds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.rehearsal.scenarios.outcome import Outcome

ROWS = pytest.StashKey[list[tuple[str, ...]]]()
HEAD = ("scenario", "end", "writes", "longest without one", "from failure to open")


def add(config: pytest.Config, name: str, found: Outcome) -> None:
    back = "" if found.back_seconds is None else f"{found.back_seconds:.2f} s"
    end = found.end if not found.wrong else f"{found.end}, WRONG"
    config.stash.setdefault(ROWS, []).append((name, end, str(found.writes), f"{found.refused_seconds:.1f} s", back))


def table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Words to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in (HEAD, *rows)) for column in range(len(HEAD))]
    return [
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (HEAD, *rows)
    ]
