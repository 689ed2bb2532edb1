"""Full comparison while the source still serves, and in the window the comparison of what changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from common.errors import StepFailed

from procedure.context import Context
from procedure.logic.table_names import name_all, name_some
from procedure.logic.verification import (
    Comparison,
    compare_files,
    compare_tables,
    count_tables,
    have_equal_digests,
    large_tables,
)
from procedure.outcome import Done, Outcome, Pending
from procedure.state.commands import Command
from procedure.steps import comparison
from procedure.steps.comparison import Pair
from procedure.steps.file_differences import settle_files
from procedure.steps.freeze_lease import keep_lease
from procedure.steps.program import same_program
from procedure.steps.reload import load_anew, reloaded, still_loading
from procedure.steps.table_evidence import Lines, add_equal, forget_equal, keep_equal, name_few

LONGER_THAN_LAG = 10.0
"""seconds on top of what the target is behind"""
LAG_AGE = 60.0
"""seconds that a published lag may be old: by so much more the target may be behind by now"""


def allow_delta(context: Context) -> Outcome:
    """The replica may read the source's data folders, with a key of its own that can do nothing else."""
    app = context.replication.source_app_instance_id
    source = context.tools.compute.instance(app)
    if source is None or not source.private_ip:
        raise StepFailed("the source's application server is not running", machine=app)
    context.state.source.address = source.private_ip
    key = context.commands.poll(Command.DELTA_KEY, context.replica)
    if key is None:
        return Pending("the replica's key", machine=context.replica)
    replica = context.tools.compute.instance(context.replica)
    options = {"key": str(key["public_key"]), "address": replica.private_ip if replica else ""}
    answer = context.commands.poll(Command.ALLOW_DELTA, app, options)
    if answer is None:
        return Pending("the source to accept the replica's key", machine=app)
    return Done(answer)


def stand_by(context: Context) -> Outcome:
    """Every machine of the window runs its commands without a start of their own from here on."""
    replication = context.replication
    members = context.tools.members(context.target.auto_scaling_group).members()
    machines = [
        replication.source_app_instance_id,
        replication.source_database_instance_id,
        context.replica,
        *(member.instance_id for member in members if member.in_service),
    ]
    source = {
        context.replica: {"source": context.require(context.state.source.address, "the source's private address")}
    }
    answers = {machine: context.commands.poll(Command.ATTEND, machine, source.get(machine, {})) for machine in machines}
    waiting = [machine for machine, answer in answers.items() if answer is None]
    return Pending("the machines to stand by", machine=waiting[0]) if waiting else Done({"machines": machines})


def verify(context: Context) -> Outcome:
    """Everything once. Tables that differ because replication is on its way are left to the window; rows that nothing on its way will mend,
    as an earlier, rolled back run may have left them on the target, are loaded anew, once. Differences that stay fail here, with the source
    live. Files that differ are copied by content (the delta would not see one that was damaged under its size and time), and compared again.
    """
    source, state = context.state.source, context.state.comparison
    if loading := still_loading(context):
        return Pending(f"replication to load tables anew ({', '.join(loading)})")
    if not source.log_position:
        began = context.commands.poll(Command.READ_LOG_POSITION, context.replication.source_database_instance_id)
        if began is None:
            return Pending("the source's place in its log", machine=context.replication.source_database_instance_id)
        source.log_position = str(began["position"])
    names = state.different_tables or []
    tables = comparison.tables(context, comparison.ALL_ROWS, names)
    files = comparison.files(context)
    program = same_program(context)
    if tables is None or files is None or program is None:
        return Pending("the digests of source and target")
    source.files_compared_since = str(files[0]["moment"])
    differing = compare_files(*files)
    settled_files = settle_files(context, differing)
    compared = compare_tables(*tables, expected=names)
    lines = {name: tables[0]["tables"][name] for name in compared.equal}
    large = large_tables(tables[0], above=comparison.LARGE)
    _compare_by_keys(context, large.intersection(compared.equal))
    if compared.different:
        settle = sorted(large.intersection(compared.different))
        watched = comparison.stuck_rows(context, sorted(compared.different), patience=_patience(context), settle=settle)
        if watched is None:
            return Pending(f"replication of tables that differ ({compared.words})", machine=context.replica)
        stuck, settled = watched
        if stuck:
            _mend(context, stuck, compared, lines)
            return Pending("replication to load tables anew")
        _compare_by_keys(context, large.intersection(settled))
    # Not earlier: a table that is loaded anew begins to count anew.
    carried = context.commands.poll(Command.SYNC_AUTO_INCREMENT, context.replica)
    if settled_files is None:
        return Pending(f"files that differ to be copied by content ({differing.words})", machine=context.replica)
    if carried is None:
        return Pending("the target's tables to take over the next numbers", machine=context.replica)
    state.different_tables = name_all(compared.different)
    facts = _verified(context, compared, differing, settled_files, lines)
    return Done({**facts, "program_equal": program, "next_numbers": carried["carried"]})


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


def _mend(context: Context, stuck: Mapping[str, int], compared: Comparison, equal: Lines) -> None:
    """StepFailed when loading anew has not helped before."""
    again = name_all(compared.different)
    if again is None:  # too many to be named: the next comparison takes every table
        forget_equal(context)
    else:
        keep_equal(context, equal)
    if not load_anew(context, [".".join(context.settings.profile.database.split(name)) for name in stuck]):
        rows = ", ".join(f"{count} rows of {name}" for name, count in stuck.items())
        raise StepFailed(
            f"source and target differ in {rows}, also after they were loaded anew: {compared.words}",
            machine=context.replica,
            next_action="read the replication task's log; who else writes to the target's database?",
        )
    context.state.comparison.different_tables = again
    comparison.forget_tables(context)


def _verified(
    context: Context, tables: Comparison, files: Comparison, copied: Mapping[str, Any], equal: Lines
) -> dict[str, Any]:
    total = add_equal(context, equal)
    return {
        "tables_equal": total.tables,
        "rows": total.rows,
        "tables_to_compare_again": dict(tables.different),
        "tables_loaded_anew": sorted(reloaded(context)),
        "files_equal": len(files.equal),
        "files_differing": dict(list(files.different.items())[:50]),
        "files_copied_by_content": dict(copied),
        "position": context.state.source.log_position,
        "digests": equal,
        "digests_of_earlier_comparisons": total.digests,
    }


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
