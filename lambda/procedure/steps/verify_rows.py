"""The full comparison of rows, while the source still serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from common.errors import StepFailed

from procedure.context import Context
from procedure.logic.table_names import fit_all_names, take_first_names
from procedure.logic.verification import Comparison, DigestPair, compare_tables, select_large_tables
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps import file_digests, table_digests
from procedure.steps.program import send_program_digests
from procedure.steps.reload import list_reloaded, list_reloading, reload_tables
from procedure.steps.table_evidence import Lines, reset_equal, save_equal, sum_equal

LAG_MARGIN_SECONDS = 10.0
"""on top of the lag of the target"""
LAG_AGE_SECONDS = 60.0
"""age of a published lag: since then the target may have fallen behind by as much again"""


def verify_rows(context: Context) -> Outcome:
    """Compare every table once. A difference that remains fails the run here, while the source serves.

    Tables that differ because replication still works on them are compared again in the window. Tables with divergent rows are reloaded, once:
    an earlier run that was rolled back may have left such rows on the target. The step also starts the digests that the next steps need.
    """
    if loading := list_reloading(context):
        return Pending(f"DMS to reload tables ({', '.join(loading)})")
    if not _read_log_position(context):
        return Pending(
            "the position of the source's binary log", machine=context.replication.source_database_instance_id
        )
    tables = table_digests.poll_table_digests(
        context, table_digests.ALL_ROWS, context.state.comparison.different_tables or []
    )
    file_digests.send_file_digests(context)
    send_program_digests(context)
    if tables is None:
        return Pending("the digests of the tables of source and target", machine=context.replica)
    return _compare(context, tables)


def sync_auto_increment(context: Context) -> Outcome:
    """Set the AUTO_INCREMENT values of the target's tables to the source's. After the last reload, because a reload resets them."""
    result = context.commands.poll(Command.SYNC_AUTO_INCREMENT, context.replica)
    if result is None:
        return Pending("the AUTO_INCREMENT values of the target's tables", machine=context.replica)
    return Done({"next_numbers": result["carried"]})


def _read_log_position(context: Context) -> bool:
    """Read the position of the source's binary log, and its idle cores, once, before the first digest. Return False while its database server works."""
    source = context.state.source
    if not source.log_position:
        result = context.commands.poll(Command.READ_LOG_POSITION, context.replication.source_database_instance_id)
        if result is not None:
            source.log_position = str(result["position"])
            if context.settings.gate.is_set:  # the prediction of the window counts what is written from here on
                source.changes_at_position = sum(table.changes for table in context.database.list_tables())
            # The tool of an earlier installation does not count them.
            source.idle_database_cores = result.get("idle_cores")
    return bool(source.log_position)


def _compare(context: Context, tables: DigestPair) -> Outcome:
    state = context.state.comparison
    # The first comparison has every table; one after a reload has few.
    taken = [seconds for command in table_digests.ALL_ROWS for seconds in context.commands.list_seconds(command)]
    state.digest_seconds = max([state.digest_seconds, *taken])
    compared = compare_tables(*tables, expected=state.different_tables or [])
    equal = {name: tables[0]["tables"][name] for name in compared.equal}
    large = select_large_tables(tables[0], above=table_digests.LARGE_TABLE_ROWS)
    _compare_by_keys(context, large.intersection(compared.equal))
    if compared.different:
        wait_for = sorted(large.intersection(compared.different))
        watched = table_digests.poll_divergent_rows(
            context, sorted(compared.different), max_wait_seconds=_compute_max_wait_seconds(context), wait_for=wait_for
        )
        if watched is None:
            return Pending(f"replication of tables that differ ({compared.summary})", machine=context.replica)
        divergent, converged = watched
        if divergent:
            _reload(context, divergent, compared, equal)
            return Pending("DMS to reload tables")
        _compare_by_keys(context, large.intersection(converged))
    state.different_tables = fit_all_names(compared.different)
    context.commands.send_once(Command.SYNC_AUTO_INCREMENT, context.replica)
    return Done(_build_facts(context, compared, equal))


def _compare_by_keys(context: Context, names: Iterable[str]) -> None:
    """Let the window compare only the rows of these tables that were written since the log position: every row was equal after it.

    A table that does not fit into the list is compared whole in the window.
    """
    state = context.state.comparison
    state.tables_compared_by_key = take_first_names({*state.tables_compared_by_key, *names})


def _compute_max_wait_seconds(context: Context) -> float:
    """Return the time after which a row that still differs counts as divergent."""
    database, limit = context.database, context.limits.replication_lag
    lag = database.read_lag(database.read_task(), now=context.clock.now())
    return LAG_MARGIN_SECONDS + (limit if lag is None else min(2 * lag + LAG_AGE_SECONDS, limit))


def _reload(context: Context, divergent: Mapping[str, int], compared: Comparison, equal: Lines) -> None:
    """Reload tables with divergent rows. StepFailed when this run has reloaded them before."""
    again = fit_all_names(compared.different)
    if again is None:  # too many names for the state: the next comparison takes every table
        reset_equal(context)
    else:
        save_equal(context, equal)
    if not reload_tables(
        context, [".".join(context.settings.profile.database.parse_label(name)) for name in divergent]
    ):
        rows = ", ".join(f"{count} rows of {name}" for name, count in divergent.items())
        raise StepFailed(
            f"source and target differ in {rows}, also after a reload: {compared.summary}",
            machine=context.replica,
            next_action="read the replication task's log; who else writes to the target's database?",
        )
    context.state.comparison.different_tables = again
    table_digests.reset_row_commands(context)


def _build_facts(context: Context, compared: Comparison, equal: Lines) -> dict[str, Any]:
    total = sum_equal(context, equal)
    return {
        "tables_equal": total.tables,
        "rows": total.rows,
        "tables_to_compare_again": dict(compared.different),
        "tables_loaded_anew": sorted(list_reloaded(context)),
        "position": context.state.source.log_position,
        "digests": equal,
        "digests_of_earlier_comparisons": total.digests,
    }
