"""Digests of both sides, asked for at once and collected together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from procedure.context import Context
from procedure.state.commands import Command

SCHEMA = "gogs"
Side = Literal["source", "live"]
SIDES: tuple[Side, Side] = ("source", "live")
CommandPair = tuple[Command, Command]
"""for the source's side, and for the target's"""
ALL_ROWS = (Command.DIGEST_SOURCE_ROWS, Command.DIGEST_TARGET_ROWS)
CHANGED_ROWS = (Command.DIGEST_CHANGED_SOURCE_ROWS, Command.DIGEST_CHANGED_TARGET_ROWS)
CHANGED_FILES: Mapping[Side, Command] = {
    "source": Command.DIGEST_CHANGED_SOURCE_FILES,
    "live": Command.DIGEST_CHANGED_TARGET_FILES,
}
Pair = tuple[dict[str, Any], dict[str, Any]]
Ranges = Mapping[str, list[list[int]]]
"""by table: first and last key of each, both included"""
NONE: Ranges = MappingProxyType({})
LARGE = 50_000
"""rows; a smaller table that was written is digested whole in the window, which takes a fraction of a second"""


def tables(context: Context, commands: CommandPair, names: list[str], ranges: Ranges = NONE) -> Pair | None:
    """Answers of `digest-database`, source and target; None while one works. No names: every table.

    Of tables in `ranges` only the rows with keys in them.
    """
    options = {"schema": SCHEMA, "tables": ",".join(names), "ranges": json.dumps(dict(ranges)) if ranges else ""}
    limit = context.limits.verify
    source_command, target_command = commands
    source = context.commands.poll(source_command, context.replica, {"side": "source", **options}, limit=limit)
    target = context.commands.poll(target_command, context.replica, {"side": "target", **options}, limit=limit)
    return (source, target) if source is not None and target is not None else None


def stuck_rows(
    context: Context, names: list[str], *, patience: float, settle: list[str]
) -> tuple[dict[str, int], list[str]] | None:
    """Tables with rows that replication will not mend, and how many; tables of which each row was seen equal. None while the replica watches.

    `settle`: tables that are waited for until they are among the latter, as long as `patience` allows.
    """
    options: dict[str, str | int | bool] = {
        "schema": SCHEMA,
        "tables": ",".join(names),
        "patience": round(patience),
        "settle": ",".join(settle),
    }
    answer = context.commands.poll(Command.FIND_DIVERGENT_ROWS, context.replica, options, limit=context.limits.verify)
    return None if answer is None else (dict(answer["stuck"]), list(answer["settled"]))


def files(context: Context) -> Pair | None:
    """Answers of `digest-files` about everything, source and live tree; None while one works."""
    source = _files(context, Command.DIGEST_SOURCE_FILES, "source")
    live = _files(context, Command.DIGEST_TARGET_FILES, "live")
    return (source, live) if source is not None and live is not None else None


def changed_files(context: Context, side: Side) -> dict[str, Any] | None:
    """The window's digest of files: of what changed since the full comparison, and every ref of the repositories in which it did.

    None while the machine works. A source that cannot tell what changed makes both sides look at every ref, and at everything of what
    differed in the full comparison.
    """
    since = context.require(context.state.source.files_compared_since, "when the files were compared")
    whole = context.state.comparison.different_file_lines
    return _files(context, CHANGED_FILES[side], side, refs=True, since=since, whole=whole)


def _files(context: Context, command: Command, side: Side, **options: str | bool) -> dict[str, Any] | None:
    machine = context.replication.source_app_instance_id if side == "source" else context.replica
    return context.commands.poll(command, machine, {"side": side, **options}, limit=context.limits.verify)


def to_compare_again(context: Context) -> list[str] | None:
    """Tables that were written since their full comparison, or were not equal in it. None: what was written is not told by tables."""
    comparison = context.state.comparison
    written = comparison.written_tables
    return None if written is None else sorted({*written, *comparison.different_tables})


def changed_tables(context: Context) -> Pair | None:
    """The window's digests of tables; None while one works, two empty ones when nothing was written."""
    names = to_compare_again(context)
    return ({}, {}) if names == [] else tables(context, CHANGED_ROWS, names or [], written_ranges(context))


def written_ranges(context: Context) -> Ranges:
    """Of large tables that were equal but for what was written since: where that is. No others: they are compared whole."""
    return context.state.comparison.written_key_ranges if to_compare_again(context) else NONE


def prove_frozen(context: Context, command: Command) -> dict[str, Any] | None:
    """Ask the source's database server whether anything was written since the marker; None while it works. StepFailed when something was."""
    database = context.replication.source_database_instance_id
    return context.commands.poll(command, database, {"run": context.run.run_id})
