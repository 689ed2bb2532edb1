"""Reload tables of the target that have divergent rows. A run that was rolled back may have written them.

DMS empties such a table and loads it again, once per run. Rows that differ after that have another cause, which a person must find.
"""

from __future__ import annotations

from collections.abc import Iterable

from common.clients.dms import RELOAD_AT_ONCE, TableState

from procedure.context import Context
from procedure.logic.replication import LOADED


def reload_tables(context: Context, wanted: Iterable[str]) -> bool:
    """Start the reload of these tables (schema.table), RELOAD_AT_ONCE at most. The caller calls again for the others.

    Return False when this run has reloaded all of them before.
    """
    known = list_reloaded(context)
    found = _list_tables(context)
    names = sorted(name for name in set(wanted) if name not in known and name in found)[:RELOAD_AT_ONCE]
    fresh = {name: found[name].loaded_at for name in names}
    if not fresh:
        return False
    context.database.reload([(found[name].schema, found[name].table) for name in names])
    context.state.comparison.reloaded_tables = {**known, **fresh}
    return True


def list_reloaded(context: Context) -> dict[str, float]:
    """Return the tables that this run has reloaded, each with the end of its previous load (epoch seconds)."""
    return dict(context.state.comparison.reloaded_tables)


def list_reloading(context: Context) -> list[str]:
    """Return the tables whose reload has not ended. DMS reports the end of the last load of each table."""
    if not (reloaded := list_reloaded(context)):
        return []
    found = _list_tables(context)
    return [
        name
        for name, ended in reloaded.items()
        if name not in found or found[name].state != LOADED or found[name].loaded_at <= ended
    ]


def _list_tables(context: Context) -> dict[str, TableState]:
    return {table.name: table for table in context.database.list_tables()}
