"""What the run compared: rows, files, refs, the program. Counts are those of the records; nothing is added that no record has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from operate.report.runs import Run
from operate.report.source import Independent


@dataclass(frozen=True)
class Table:
    """A table of the database: rows and digest of the full comparison.

    `again`: of the comparison in the window, as text; empty: it was not written in between. Of a large table only the written rows are compared again.
    """

    name: str
    rows: int | None
    digest: str
    again: str


@dataclass(frozen=True)
class Amount:
    """How much of something was compared. `value` is text."""

    what: str
    value: str
    by: str


@dataclass(frozen=True)
class Compared:
    """`rows`, `table_count`: of the full comparison; None: it did not end. `independent`: what somebody else compared."""

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
    lines = {**_read_earlier(run), **(facts.get("digests") or {})}
    written: Mapping[str, Mapping[str, Any]] = again.get("digests") or {}
    tables = [_build_table(name, lines.get(name, {}), written.get(name)) for name in sorted({*lines, *written})]
    return Compared(
        tables=tables,
        rows=_read_count(facts.get("rows")),
        table_count=_read_count(facts.get("tables_equal")),
        amounts=list(_list_amounts(run, facts, again)),
        independent=[Amount(what, f"{count:,}", "outside") for what, count in independent.counts.items()],
    )


def _build_table(name: str, line: Mapping[str, Any], written: Mapping[str, Any] | None) -> Table:
    again = "" if written is None else f"{written.get('rows')} rows, digest {written.get('digest')}"
    return Table(name, _read_count(line.get("rows")), str(line.get("digest") or ""), again)


def _read_earlier(run: Run) -> dict[str, Mapping[str, Any]]:
    """Return the digests of tables that were equal before other tables were loaded again."""
    found: dict[str, Mapping[str, Any]] = {}
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
        if copied := files.facts.get("files_copied_by_content"):
            yield Amount("files that were copied again by content", str(copied), "verify-files")
    if program := run.find_done("verify-program"):
        equal = program.facts.get("program_equal") or []
        yield Amount("the application and its settings", f"{', '.join(map(str, equal))} equal", "verify-program")
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
    looked = f" ({again['files_looked_at']})" if isinstance(again.get("files_looked_at"), str) else ""
    yield Amount("repositories and folders with changes, every ref of them", f"{again.get('files_equal')} equal{looked}", "verify-changes")  # fmt: skip


def _read_count(value: Any) -> int | None:
    try:
        return int(value)
    except (ValueError, TypeError):
        return None
