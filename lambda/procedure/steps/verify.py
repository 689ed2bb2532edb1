"""Full comparison while the source still serves, and in the window the comparison of what changed since."""

from __future__ import annotations

from typing import Any

from common.errors import StepFailed

from procedure.context import Context, Done, Outcome, Pending
from procedure.logic.verification import changed, changes, compare_files, compare_tables, settled_differences
from procedure.steps.window import keep_lease

SCHEMA = "gogs"
ROUNDS = 5
"""how often differing tables are compared again before the window; changes are on their way to the target meanwhile"""


def allow_delta(context: Context) -> Outcome:
    """The replica may read the source's data folders, with a key of its own that can do nothing else."""
    app = context.replication.source_app_instance_id
    source = context.tools.compute.instance(app)
    if source is None or not source.private_ip:
        raise StepFailed("the source's application server is not running", machine=app)
    context.memory["source_address"] = source.private_ip
    key = context.command("delta-key", context.replica, "delta-key")
    if key is None:
        return Pending("the replica's key", machine=context.replica)
    replica = context.tools.compute.instance(context.replica)
    options = {"key": str(key["public_key"]), "address": replica.private_ip if replica else ""}
    answer = context.command("allow-delta", app, "allow-delta", options)
    if answer is None:
        return Pending("the source to accept the replica's key", machine=app)
    return Done(answer)


def verify(context: Context) -> Outcome:
    """Everything once. Tables that changed during the comparison are left to the window; a difference that stays fails here, with the source live."""
    if "baseline" not in context.memory:
        context.memory["baseline"] = changes(context.database.tables(), SCHEMA)
    tables = _databases(context, "full")
    files = _files(context, "full", refs=False)
    if tables is None or files is None:
        return Pending("the digests of source and target")
    compared = compare_tables(*tables, expected=context.memory["baseline"])
    moving = changed(context.memory["baseline"], changes(context.database.tables(), SCHEMA))
    stuck = settled_differences(compared, moving)
    rounds = context.memory["rounds"] = context.memory.get("rounds", 0) + 1
    if stuck and rounds >= ROUNDS:
        raise StepFailed(
            f"source and target differ: {compared.words}",
            machine=context.replica,
            next_action="reload these tables with the replication task",
        )
    if compared.different and rounds < ROUNDS:
        del context.memory["baseline"]
        context.forget("database-source-full", "database-target-full")
        return Pending(f"replication of tables that differ ({compared.words})", machine=context.replica)
    context.memory["again"] = sorted(compared.different)
    file_comparison = compare_files(*files)
    return Done({
        "tables_equal": len(compared.equal),
        "rows": sum(int(t["rows"]) for t in tables[1]["tables"].values()),
        "tables_to_compare_again": dict(compared.different),
        "rounds": rounds,
        "files_equal": len(file_comparison.equal),
        "files_to_carry_over": dict(list(file_comparison.different.items())[:50]),
        "source": tables[0]["tables"],
    })  # fmt: skip


def verify_changes(context: Context) -> Outcome:
    """Every table that changed since its full comparison, every ref of every repository. Nothing may differ any more."""
    keep_lease(context)
    names = sorted(
        {*changed(context.memory["baseline"], changes(context.database.tables(), SCHEMA)), *context.memory["again"]}
    )
    tables = _databases(context, "changes", names) if names else ({}, {})
    files = _files(context, "refs", refs=True)
    if tables is None or files is None:
        return Pending("the digests of what changed")
    if names:
        compared = compare_tables(*tables, expected=names)
        if compared.different:
            raise StepFailed(f"source and target differ after the drain: {compared.words}", machine=context.replica,
                             next_action="read the replication task's log; reload the tables, then deploy again")  # fmt: skip
    refs = compare_files(*files)
    if refs.different:
        raise StepFailed(f"files of source and target differ after the delta: {refs.words}", machine=context.replica,
                         next_action="read the delta's evidence, then deploy again")  # fmt: skip
    return Done({"tables": names, "digests": tables[0].get("tables", {}), "refs_equal": len(refs.equal)})


def _databases(
    context: Context, key: str, names: list[str] | None = None
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Both sides at once, source and target."""
    options = {"schema": SCHEMA, "tables": ",".join(names or [])}
    limit = context.limits.verify
    source = context.command(
        f"database-source-{key}", context.replica, "digest-database", {"side": "source", **options}, limit=limit
    )
    target = context.command(
        f"database-target-{key}", context.replica, "digest-database", {"side": "target", **options}, limit=limit
    )
    return (source, target) if source is not None and target is not None else None


def _files(context: Context, key: str, *, refs: bool) -> tuple[dict[str, Any], dict[str, Any]] | None:
    app, limit = context.replication.source_app_instance_id, context.limits.verify
    source = context.command(f"files-source-{key}", app, "digest-files", {"side": "source", "refs": refs}, limit=limit)
    live = context.command(
        f"files-live-{key}", context.replica, "digest-files", {"side": "live", "refs": refs}, limit=limit
    )
    return (source, live) if source is not None and live is not None else None
