"""What the run compared: rows, files, refs, the program. Counts are those of the records; nothing is added that no record has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from operate.report.runs import Run
from operate.report.source import Independent

Line = Mapping[str, Any]
"""rows and digest of one table"""
Lines = Mapping[str, Line]
DIGESTS = "digests/"
"""in the names of what `verify-program` compared"""
BEFORE, WINDOW, BOTH = "before the freeze", "in the window", "before the freeze and in the window"


@dataclass(frozen=True)
class Table:
    """A table of the database: rows and digest of its last comparison as a whole. `compared`: when, as text."""

    name: str
    rows: int | None
    digest: str
    compared: str


@dataclass(frozen=True)
class Amount:
    """How much of something was compared. `value` is text."""

    what: str
    value: str
    by: str


@dataclass(frozen=True)
class Compared:
    """`rows`, `table_count`: all rows of all tables that were compared; None: no comparison ended. `independent`: what somebody else compared."""

    tables: Sequence[Table]
    rows: int | None
    table_count: int | None
    amounts: Sequence[Amount]
    independent: Sequence[Amount]


def build_compared(run: Run, independent: Independent) -> Compared:
    """Return what was compared."""
    verify, changes = run.find_done("verify"), run.find_done("verify-changes")
    facts: Mapping[str, Any] = verify.facts if verify else {}
    again: Mapping[str, Any] = changes.facts if changes else {}
    lines: Lines = {**_read_earlier(run), **(facts.get("digests") or {})}
    written: Lines = again.get("digests") or {}
    by_keys = set(again.get("by_keys") or {})
    rows, count = _sum(facts, lines, {name: line for name, line in written.items() if name not in by_keys})
    return Compared(
        tables=[_build_table(name, lines.get(name), written.get(name), by_keys) for name in sorted({*lines, *written})],
        rows=rows,
        table_count=count,
        amounts=list(_list_amounts(run, facts, again)),
        independent=[Amount(what, f"{count:,}", "outside") for what, count in independent.counts.items()],
    )


def _sum(facts: Mapping[str, Any], lines: Lines, whole: Lines) -> tuple[int | None, int | None]:
    """Return rows and number of all tables. `whole`: tables that the window compared as a whole, with their last number of rows."""
    rows, tables = _read_count(facts.get("rows")), _read_count(facts.get("tables_equal"))
    if rows is None or tables is None:
        return None, None
    rows += sum((_read_count(line.get("rows")) or 0) - (_read_count(lines.get(name, {}).get("rows")) or 0) for name, line in whole.items())  # fmt: skip
    return rows, tables + sum(name not in lines for name in whole)


def _build_table(name: str, before: Line | None, later: Line | None, by_keys: set[str]) -> Table:
    """Return a table. Of a large one the window compares only the rows that were written."""
    if later is None or (name in by_keys and before is not None):
        line, compared = before or {}, BEFORE
        if later is not None:
            compared = f"{BEFORE}; {WINDOW} the {later.get('rows')} rows that were written"
    else:
        line, compared = later, WINDOW if before is None else BOTH
    return Table(name, _read_count(line.get("rows")), str(line.get("digest") or ""), compared)


def _read_earlier(run: Run) -> dict[str, Line]:
    """Return the digests of tables that were equal before other tables were loaded again."""
    found: dict[str, Line] = {}
    for document in run.others:
        found |= document.get("tables") or {}
    return found


def _list_amounts(run: Run, facts: Mapping[str, Any], again: Mapping[str, Any]) -> Iterator[Amount]:
    if facts:
        yield Amount("tables, all rows", f"{facts.get('tables_equal')} equal, {facts.get('rows')} rows", "verify")
        if reloaded := facts.get("tables_loaded_anew"):
            yield Amount("tables that were loaded again first", ", ".join(map(str, reloaded)), "verify")
        if later := facts.get("tables_to_compare_again"):
            yield Amount("tables that still changed", f"{len(later)}, compared in the window", "verify")
    if files := run.find_done("verify-files"):
        yield Amount("repositories and folders, all files", f"{files.facts.get('files_equal')} equal", "verify-files")
        copied = files.facts.get("files_copied_by_content")
        if isinstance(copied, Mapping) and copied.get("files"):
            yield Amount("files that were copied again by content", f"{copied['files']}, then equal", "verify-files")
    if program := run.find_done("verify-program"):
        names = [str(one).removeprefix(DIGESTS) for one in program.facts.get("program_equal") or [] if str(one).startswith(DIGESTS)]  # fmt: skip
        yield Amount("the application and its settings", f"equal: {'; '.join(names)}" if names else "equal", "verify-program")  # fmt: skip
    if again:
        yield from _list_changes(again)


def _list_changes(again: Mapping[str, Any]) -> Iterator[Amount]:
    digest = again.get("tables_digest") or {}
    tables = again.get("tables")
    count = "all" if tables == "all" else len(tables or [])
    rows = f", {digest['rows']} rows" if "rows" in digest else ""
    yield Amount("tables that were written since", f"{count} equal{rows}", "verify-changes")
    if digest.get("digest"):
        yield Amount("one digest of these rows, the same on both sides", str(digest["digest"]), "verify-changes")
    yield Amount("repositories and folders with changes, every ref of them", f"{again.get('files_equal')} equal", "verify-changes")  # fmt: skip


def _read_count(value: Any) -> int | None:
    try:
        return int(value)
    except (ValueError, TypeError):
        return None
