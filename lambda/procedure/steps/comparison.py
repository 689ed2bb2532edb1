"""Digests of both sides, asked for at once and collected together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from procedure.context import Context

Side = Literal["source", "live"]
SIDES: tuple[Side, Side] = ("source", "live")
Pair = tuple[dict[str, Any], dict[str, Any]]
Ranges = Mapping[str, list[list[int]]]
"""by table: first and last key of each, both included"""
NONE: Ranges = MappingProxyType({})
LARGE = 50_000
"""rows; a smaller table that was written is digested whole in the window, which takes a fraction of a second"""


def tables(context: Context, key: str, names: list[str], ranges: Ranges = NONE) -> Pair | None:
    """Answers of `digest-database`, source and target; None while one works. No names: every table.

    Of tables in `ranges` only the rows with keys in them.
    """
    options = {"tables": ",".join(names), "ranges": json.dumps(dict(ranges)) if ranges else ""}
    limit = context.limits.verify
    source = context.command(
        f"database-source-{key}", context.replica, "digest-database", {"side": "source", **options}, limit=limit
    )
    target = context.command(
        f"database-target-{key}", context.replica, "digest-database", {"side": "target", **options}, limit=limit
    )
    return (source, target) if source is not None and target is not None else None


def stuck_rows(
    context: Context, names: list[str], *, patience: float, settle: list[str]
) -> tuple[dict[str, int], list[str]] | None:
    """Tables with rows that replication will not mend, and how many; tables of which each row was seen equal. None while the replica watches.

    `settle`: tables that are waited for until they are among the latter, as long as `patience` allows.
    """
    options: dict[str, str | int | bool] = {
        "tables": ",".join(names),
        "patience": round(patience),
        "settle": ",".join(settle),
    }
    answer = context.command("stuck-rows", context.replica, "stuck-rows", options, limit=context.limits.verify)
    return None if answer is None else (dict(answer["stuck"]), list(answer["settled"]))


def files(context: Context) -> Pair | None:
    """Answers of `digest-files` about everything, source and live tree; None while one works."""
    source = _files(context, "files-source-full", "source")
    live = _files(context, "files-live-full", "live")
    return (source, live) if source is not None and live is not None else None


def changed_files(context: Context, side: Side) -> dict[str, Any] | None:
    """The window's digest of files: of what changed since the full comparison, and every ref of the repositories in which it did.

    None while the machine works. A source that cannot tell what changed makes both sides look at every ref, and at everything of what
    differed in the full comparison.
    """
    since = context.required("moment", "when the files were compared")
    whole = str(context.memory.get("files_differed", ""))
    return _files(context, f"files-{side}-changes", side, refs=True, since=since, whole=whole)


def _files(context: Context, key: str, side: Side, **options: str | bool) -> dict[str, Any] | None:
    machine = context.replication.source_app_instance_id if side == "source" else context.replica
    return context.command(key, machine, "digest-files", {"side": side, **options}, limit=context.limits.verify)


def to_compare_again(context: Context) -> list[str] | None:
    """Tables that were written since their full comparison, or were not equal in it. None: what was written is not told by tables."""
    written = context.memory.get("written")
    return None if written is None else sorted({*written, *context.memory["again"]})


def changed_tables(context: Context) -> Pair | None:
    """The window's digests of tables; None while one works, two empty ones when nothing was written."""
    names = to_compare_again(context)
    return ({}, {}) if names == [] else tables(context, "changes", names or [], written_ranges(context))


def written_ranges(context: Context) -> Ranges:
    """Of large tables that were equal but for what was written since: where that is. No others: they are compared whole."""
    return context.memory.get("ranges", NONE) if to_compare_again(context) else NONE


def prove_frozen(context: Context, key: str) -> dict[str, Any] | None:
    """Ask the source's database server whether anything was written since the marker; None while it works. StepFailed when something was."""
    database = context.replication.source_database_instance_id
    return context.command(key, database, "prove-frozen", {"run": context.run.run_id})
