"""The comparison of the window: what changed since the full one."""

from __future__ import annotations

from common.errors import StepFailed

from procedure.context import Context
from procedure.logic.verification import compare_files, compare_tables, count_tables, have_equal_digests
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps import comparison
from procedure.steps.comparison import Pair
from procedure.steps.freeze_lease import keep_lease
from procedure.steps.table_evidence import name_few


def verify_changes(context: Context) -> Outcome:
    """Every table that was written since its full comparison (of a large one the rows that were), every file and folder that changed since,
    every ref of the repositories in which something did. Nothing may differ any more.
    """
    keep_lease(context)
    names = comparison.to_compare_again(context)
    tables = comparison.changed_tables(context)
    source, live = (comparison.changed_files(context, side) for side in comparison.SIDES)
    closed = comparison.prove_frozen(context, Command.PROVE_FROZEN)
    if tables is None or source is None or live is None or closed is None:
        return Pending("the digests of what changed")
    if names != [] and not _have_equal_digests(tables, names):
        compared = compare_tables(*tables, expected=names or [])
        if compared.different:
            raise StepFailed(f"source and target differ after the drain: {compared.words}", machine=context.replica,
                             next_action="deploy again: what differs then is loaded anew before the freeze")  # fmt: skip
    files = compare_files(source, live)
    if files.different:
        raise StepFailed(f"files of source and target differ after the delta: {files.words}", machine=context.replica,
                         next_action="read the delta's evidence, then deploy again")  # fmt: skip
    return Done(
        {
            "tables": names if names is not None else "all",
            "by_keys": dict(comparison.written_ranges(context)),
            "tables_digest": {key: tables[0][key] for key in ("count", "rows", "digest") if key in tables[0]},
            "digests": name_few(tables[0].get("tables", {})),
            "files_equal": len(files.equal),
            "files_looked_at": source["what"],
        }
    )


def _have_equal_digests(tables: Pair, names: list[str] | None) -> bool:
    """Whether one digest of each side shows that all these tables are equal. None: every table of the schema."""
    return have_equal_digests(*tables) and (names is None or count_tables(tables[0]) == len(names))
