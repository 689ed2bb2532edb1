"""Digests of the tables of source and target: sent to both at once, collected together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from procedure.commands import Options
from procedure.context import Context
from procedure.logic.table_names import fit_all_names, split_names
from procedure.logic.verification import DigestPair, has_equal_digests, join_pages
from procedure.state.commands import Command

CommandPair = tuple[Command, Command]
"""one for the source, one for the target"""
ALL_ROWS = (Command.DIGEST_SOURCE_ROWS, Command.DIGEST_TARGET_ROWS)
CHANGED_ROWS = (Command.DIGEST_CHANGED_SOURCE_ROWS, Command.DIGEST_CHANGED_TARGET_ROWS)
Ranges = Mapping[str, list[list[int]]]
"""by table: first and last key of each, both included"""
NONE: Ranges = MappingProxyType({})
MAX_CONNECTIONS = 4
"""of the comparison, to each server: as `cutover-site` limits them"""
LARGE_TABLE_ROWS = 50_000
"""rows; a smaller table that was written is digested whole in the window: that takes a fraction of a second"""


def poll_table_digests(
    context: Context,
    commands: CommandPair,
    names: list[str],
    ranges: Ranges = NONE,
    *,
    listed: bool = True,
    side_by_side: bool = True,
    after_marker: str = "",
) -> DigestPair | None:
    """Return the results of `digest-database` of source and target; None while one of them works. No names: every table.

    In tables of `ranges` only the rows with these keys are compared. With `listed`, or when the two sides differ, both results have the
    line of each table (`tables`), whatever the number of tables. `side_by_side`: on one connection for each idle core of a server.
    `after_marker`: a run whose marker the target's side waits for first.
    """
    pair = _build_digest_options(context, names, ranges, side_by_side=side_by_side, after_marker=after_marker)
    source, target = (
        context.commands.poll(command, context.replica, options, limit=context.limits.verify)
        for command, options in zip(commands, pair, strict=True)
    )
    if source is None or target is None:
        return None
    equal = has_equal_digests(source, target)
    if equal and not listed:
        return source, target
    left = _add_table_lines(context, source)
    right = _add_table_lines(context, target) if not equal else left and {**target, "tables": left["tables"]}
    return (left, right) if left is not None and right is not None else None


def _build_digest_options(
    context: Context, names: list[str], ranges: Ranges, *, side_by_side: bool, after_marker: str
) -> tuple[Options, Options]:
    """Return the options of `digest-database` for source and target."""
    options: Options = {"tables": ",".join(names), "ranges": json.dumps(dict(ranges)) if ranges else ""}
    idle = context.state.source.idle_database_cores if side_by_side else None
    # A tool that does not count cores does not know the option either.
    target_cores = context.replication.database_cores if idle is not None else 0
    marker: Options = {"marker": after_marker, "timeout": context.limits.drain} if after_marker else {}
    return (
        {"side": "source", **options, **_choose_connections(idle or 0)},
        {"side": "target", **options, **_choose_connections(target_cores), **marker},
    )


def _choose_connections(idle_cores: int) -> dict[str, int]:
    """Return the option for the number of connections to a server; none, when one is enough.

    A connection keeps a core of the server busy. The source serves its users meanwhile, so it gets no more than it has idle cores. Nobody
    uses the target before the commit, so all its cores count as idle.
    """
    return {"connections": min(idle_cores, MAX_CONNECTIONS)} if idle_cores > 1 else {}


def _add_table_lines(context: Context, result: dict[str, Any]) -> dict[str, Any] | None:
    """Return the result with the line of each table; None while the replica reads pages of lines."""
    if "pages" not in result:
        return result
    digest = str(result["digest"])
    pages = [
        context.commands.poll(
            Command.READ_TABLE_DIGESTS, context.replica, {"of": digest, "page": page}, part=f"{digest}/{page}"
        )
        for page in range(1, int(result["pages"]) + 1)
    ]
    found = [page for page in pages if page is not None]
    return join_pages(result, found) if len(found) == len(pages) else None


def poll_divergent_rows(
    context: Context, names: list[str], *, max_wait_seconds: float, wait_for: list[str]
) -> tuple[dict[str, int], list[str]] | None:
    """Return the number of divergent rows by table, and the converged tables. None while the replica watches the rows.

    A divergent row stays different on both sides, so replication will not correct it. Of a converged table each row was equal once. The
    tables of `wait_for` are watched until they have converged, `max_wait_seconds` at most.
    """
    results = [
        _find_divergent_rows(
            context,
            number,
            batch,
            max_wait_seconds=max_wait_seconds,
            wait_for=[name for name in batch if name in wait_for],
        )
        for number, batch in enumerate(split_names(names), start=1)
    ]
    found = [result for result in results if result is not None]
    if len(found) < len(results):
        return None
    divergent = {name: int(count) for result in found for name, count in result["stuck"].items()}
    return divergent, [name for result in found for name in result["settled"]]


def _find_divergent_rows(
    context: Context, number: int, names: list[str], *, max_wait_seconds: float, wait_for: list[str]
) -> dict[str, Any] | None:
    options: dict[str, str | int | bool] = {
        "tables": ",".join(names),
        "patience": round(max_wait_seconds),
        "settle": ",".join(wait_for),
    }
    limit = context.limits.verify
    return context.commands.poll(Command.FIND_DIVERGENT_ROWS, context.replica, options, limit=limit, part=str(number))


def reset_row_commands(context: Context) -> None:
    """Let the next call of `poll_table_digests` and of `poll_divergent_rows` send its commands again."""
    context.commands.reset(Command.FIND_DIVERGENT_ROWS, *ALL_ROWS)


def list_tables_to_compare(context: Context) -> list[str] | None:
    """Return the tables that were written since their full comparison, or were not equal in it.

    None means every table: the source does not know the names, or they are too many for a command line.
    """
    written, again = context.state.comparison.written_tables, context.state.comparison.different_tables
    return None if written is None or again is None else fit_all_names({*written, *again})


def send_changed_table_digests(context: Context) -> None:
    """Start the window's digests of tables, if something was written and they were not sent before.

    The source's database must be read-only. The target's side waits for the marker on its machine.
    """
    names = list_tables_to_compare(context)
    if names == []:
        return
    pair = _build_digest_options(
        context,
        names or [],
        select_written_key_ranges(context),
        side_by_side=_is_worth_connections(names),
        after_marker=context.run.run_id,
    )
    for command, options in zip(CHANGED_ROWS, pair, strict=True):
        context.commands.send_once(command, context.replica, options, limit=context.limits.verify)


def poll_changed_table_digests(context: Context) -> DigestPair | None:
    """Return the window's digests of tables; None while one side works, two empty ones when nothing was written."""
    names = list_tables_to_compare(context)
    return (
        ({}, {})
        if names == []
        else poll_table_digests(
            context,
            CHANGED_ROWS,
            names or [],
            select_written_key_ranges(context),
            listed=False,
            side_by_side=_is_worth_connections(names),
            after_marker=context.run.run_id,
        )
    )


def _is_worth_connections(names: list[str] | None) -> bool:
    """Return whether several connections pay: what was written is few rows, and a second connection takes longer to open. None: every table."""
    return names is None


def select_written_key_ranges(context: Context) -> Ranges:
    """Return the written key ranges of large tables that were equal before. All other tables are compared whole."""
    return context.state.comparison.written_key_ranges if list_tables_to_compare(context) else NONE
