"""Tables of the target that are emptied and loaded anew, because rows differ that replication will not mend: what a rolled back run wrote there.

Once per run: rows that differ after that have another cause, which a person must find.
"""

from __future__ import annotations

from collections.abc import Iterable

from common.clients.dms import RELOAD_AT_ONCE, TableState

from procedure.context import Context
from procedure.logic.replication import LOADED


def load_anew(context: Context, wanted: Iterable[str]) -> bool:
    """`wanted`: schema.table. As many as may be loaded at once; the caller comes back for the others.

    False when every one of them was loaded anew by this run before.
    """
    known = reloaded(context)
    found = _tables(context)
    names = sorted(name for name in set(wanted) if name not in known and name in found)[:RELOAD_AT_ONCE]
    fresh = {name: found[name].loaded_at for name in names}
    if not fresh:
        return False
    context.database.reload([(found[name].schema, found[name].table) for name in names])
    context.state.comparison.reloaded_tables = {**known, **fresh}
    return True


def reloaded(context: Context) -> dict[str, float]:
    """Which tables this run has asked for, and when their load before that had ended."""
    return dict(context.state.comparison.reloaded_tables)


def still_loading(context: Context) -> list[str]:
    """Those whose new load has not ended; the service says when the last one did."""
    if not (asked := reloaded(context)):
        return []
    found = _tables(context)
    return [
        name
        for name, ended in asked.items()
        if name not in found or found[name].state != LOADED or found[name].loaded_at <= ended
    ]


def _tables(context: Context) -> dict[str, TableState]:
    return {table.name: table for table in context.database.tables()}
