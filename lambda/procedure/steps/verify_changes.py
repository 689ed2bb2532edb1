"""Compare in the window what changed since the full comparison."""

from __future__ import annotations

from common.errors import StepFailed

from procedure.context import Context
from procedure.logic.verification import DigestPair, compare_files, compare_tables, count_tables, has_equal_digests
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps import file_digests, table_digests
from procedure.steps.freeze_lease import renew_lease_if_due
from procedure.steps.table_evidence import limit_lines
from procedure.steps.window_commands import prove_frozen


def verify_changes(context: Context) -> Outcome:
    """Compare what changed since the full comparison. StepFailed when anything differs.

    These are: every table that was written (of a large table only the written rows), every file and folder that changed, and every ref of the
    repositories that have changed files.
    """
    renew_lease_if_due(context)
    names = table_digests.list_tables_to_compare(context)
    tables = table_digests.poll_changed_table_digests(context)
    source, live = (file_digests.poll_changed_file_digests(context, side) for side in file_digests.SIDES)
    closed = prove_frozen(context, Command.PROVE_FROZEN)
    if tables is None or source is None or live is None or closed is None:
        return Pending("the digests of what changed")
    if names != [] and not _has_equal_tables(tables, names):
        compared = compare_tables(*tables, expected=names or [])
        if compared.different:
            raise StepFailed(f"source and target differ after the replication caught up: {compared.summary}", machine=context.replica,
                             next_action="deploy again: the next run reloads tables that differ before the freeze")  # fmt: skip
    files = compare_files(source, live)
    if files.different:
        raise StepFailed(f"files of source and target differ after the delta: {files.summary}", machine=context.replica,
                         next_action="read the delta's evidence, then deploy again")  # fmt: skip
    return Done(
        {
            "tables": names if names is not None else "all",
            "by_keys": dict(table_digests.select_written_key_ranges(context)),
            "tables_digest": {key: tables[0][key] for key in ("count", "rows", "digest") if key in tables[0]},
            "digests": limit_lines(tables[0].get("tables", {})),
            "files_equal": len(files.equal),
            "files_looked_at": source["what"],
        }
    )


def _has_equal_tables(tables: DigestPair, names: list[str] | None) -> bool:
    """Return whether one digest of each side shows that all these tables are equal. None: every table of the schema."""
    return has_equal_digests(*tables) and (names is None or count_tables(tables[0]) == len(names))
