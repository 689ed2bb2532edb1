"""The full comparison of rows, while the source still serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from common.errors import StepFailed

from procedure.context import Context
from procedure.logic.table_names import name_all, name_some
from procedure.logic.verification import Comparison, compare_tables, large_tables
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps import comparison
from procedure.steps.comparison import Pair
from procedure.steps.program import send_program_digests
from procedure.steps.reload import load_anew, reloaded, still_loading
from procedure.steps.table_evidence import Lines, add_equal, forget_equal, keep_equal

LONGER_THAN_LAG = 10.0
"""seconds on top of what the target is behind"""
LAG_AGE = 60.0
"""seconds that a published lag may be old: by so much more the target may be behind by now"""


def verify_rows(context: Context) -> Outcome:
    """Compare every table once. Differences that stay fail here, with the source live.

    Tables that differ because replication is on its way are left to the window. Tables with divergent rows, as an earlier run that was rolled
    back may have left them on the target, are reloaded, once. The digests that the next steps wait for are begun here too.
    """
    if loading := still_loading(context):
        return Pending(f"replication to load tables anew ({', '.join(loading)})")
    if not _read_log_position(context):
        return Pending("the source's place in its log", machine=context.replication.source_database_instance_id)
    tables = comparison.tables(context, comparison.ALL_ROWS, context.state.comparison.different_tables or [])
    comparison.send_file_digests(context)
    send_program_digests(context)
    if tables is None:
        return Pending("the digests of the tables of source and target", machine=context.replica)
    return _compare(context, tables)


def sync_auto_increment(context: Context) -> Outcome:
    """Let the target's tables continue the source's AUTO_INCREMENT numbers. After the last reload: a reloaded table counts from its rows."""
    result = context.commands.poll(Command.SYNC_AUTO_INCREMENT, context.replica)
    if result is None:
        return Pending("the target's tables to take over the next numbers", machine=context.replica)
    return Done({"next_numbers": result["carried"]})


def _read_log_position(context: Context) -> bool:
    """Keep the position of the source's binary log before the first digest. False while its database server works."""
    source = context.state.source
    if not source.log_position:
        result = context.commands.poll(Command.READ_LOG_POSITION, context.replication.source_database_instance_id)
        source.log_position = str(result["position"]) if result is not None else ""
    return bool(source.log_position)


def _compare(context: Context, tables: Pair) -> Outcome:
    state = context.state.comparison
    compared = compare_tables(*tables, expected=state.different_tables or [])
    equal = {name: tables[0]["tables"][name] for name in compared.equal}
    large = large_tables(tables[0], above=comparison.LARGE)
    _compare_by_keys(context, large.intersection(compared.equal))
    if compared.different:
        settle = sorted(large.intersection(compared.different))
        watched = comparison.stuck_rows(context, sorted(compared.different), patience=_patience(context), settle=settle)
        if watched is None:
            return Pending(f"replication of tables that differ ({compared.words})", machine=context.replica)
        divergent, converged = watched
        if divergent:
            _reload(context, divergent, compared, equal)
            return Pending("replication to load tables anew")
        _compare_by_keys(context, large.intersection(converged))
    state.different_tables = name_all(compared.different)
    context.commands.send_once(Command.SYNC_AUTO_INCREMENT, context.replica)
    return Done(_facts(context, compared, equal))


def _compare_by_keys(context: Context, names: Iterable[str]) -> None:
    """Each of their rows was equal once since the place in the log was noted: the window needs to see only those that were written since.

    A table that does not fit into the list is compared whole there.
    """
    state = context.state.comparison
    state.tables_compared_by_key = name_some({*state.tables_compared_by_key, *names})


def _patience(context: Context) -> float:
    """Seconds after which a row that still differs will not be mended by replication."""
    database, limit = context.database, context.limits.replication_lag
    lag = database.lag(database.task(), now=context.clock.now())
    return LONGER_THAN_LAG + (limit if lag is None else min(2 * lag + LAG_AGE, limit))


def _reload(context: Context, divergent: Mapping[str, int], compared: Comparison, equal: Lines) -> None:
    """Ask the service to reload tables with divergent rows. StepFailed when that has not helped before."""
    again = name_all(compared.different)
    if again is None:  # too many to be named: the next comparison takes every table
        forget_equal(context)
    else:
        keep_equal(context, equal)
    if not load_anew(context, [".".join(context.settings.profile.database.split(name)) for name in divergent]):
        rows = ", ".join(f"{count} rows of {name}" for name, count in divergent.items())
        raise StepFailed(
            f"source and target differ in {rows}, also after they were loaded anew: {compared.words}",
            machine=context.replica,
            next_action="read the replication task's log; who else writes to the target's database?",
        )
    context.state.comparison.different_tables = again
    comparison.forget_tables(context)


def _facts(context: Context, compared: Comparison, equal: Lines) -> dict[str, Any]:
    total = add_equal(context, equal)
    return {
        "tables_equal": total.tables,
        "rows": total.rows,
        "tables_to_compare_again": dict(compared.different),
        "tables_loaded_anew": sorted(reloaded(context)),
        "position": context.state.source.log_position,
        "digests": equal,
        "digests_of_earlier_comparisons": total.digests,
    }
