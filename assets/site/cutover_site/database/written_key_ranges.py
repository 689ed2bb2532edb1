"""Between which primary keys the rows of large tables were written, from the rows in the binary log."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator

from cutover_site.database.binlog_events import WRITES_ANYTHING, Event, RowWritten, Statement, Table
from cutover_site.database.binlog_text import KeyColumn, build_command, read_events
from cutover_site.database.binlog_tool import find_tool
from cutover_site.database.chunks import KeyRange
from cutover_site.database.connections import Connection, fetch_rows
from cutover_site.database.login import DatabaseLogin
from cutover_site.database.option_file import open_option_file
from cutover_site.database.positions import BinlogPosition
from cutover_site.database.products import read_product
from cutover_site.errors import CommandFailed
from cutover_site.layout import Layout
from cutover_site.system.commands import iterate_lines

LOG = logging.getLogger(__name__)
MOST_RANGES = 32
"""of one table: each costs the digest a few round trips"""


def find_written_key_ranges(
    connection: Connection,
    layout: Layout,
    start: BinlogPosition,
    schema: str,
    tables: Collection[str],
    login: DatabaseLogin | None = None,
) -> dict[str, list[KeyRange]]:
    """Return the written key ranges of those of `tables` whose primary key is one whole number. `login`: of a server that is not on this machine.

    Every row that was written since `start` has its key in one of them. A table that is not in the result may have been written anywhere.
    """
    keys = {table: key for table, key in _find_key_columns(connection, schema).items() if table.name in tables}
    if not keys:
        return {}
    server = read_product(connection)
    tool = find_tool(server)
    if tool is None:
        LOG.warning("no tool for the binary log of %s is installed, whole tables will be compared", server.name)
        return {}
    try:
        found = collect_key_ranges(read_events(_decode_log(tool, layout, start, login), keys))
    except CommandFailed as error:
        LOG.warning("the binary log's rows cannot be read, whole tables will be compared: %s", error)
        return {}
    return {table.name: ranges for table, ranges in found.items()}


def _decode_log(tool: str, layout: Layout, start: BinlogPosition, login: DatabaseLogin | None) -> Iterator[bytes]:
    if login is None:
        yield from iterate_lines(*build_command(tool, layout, start))
        return
    with open_option_file(login) as number:
        command = build_command(tool, layout, start, option_file=f"/proc/self/fd/{number}")
        yield from iterate_lines(*command, pass_fds=(number,))


def collect_key_ranges(events: Iterable[Event]) -> dict[Table, list[KeyRange]]:
    """Return the key ranges of each table whose written rows all have their keys in `events`; of none, when an event may have written anything."""
    written: dict[Table, set[int]] = {}
    unclear: set[Table] = set()
    for event in events:
        if isinstance(event, RowWritten):
            if event.keys:
                written.setdefault(event.table, set()).update(event.keys)
            else:
                unclear.add(event.table)
        elif isinstance(event, WRITES_ANYTHING):
            # Not the text, which may have the hash of a password.
            kind = " ".join(event.text.split()[:2]) if isinstance(event, Statement) else "an unknown event"
            LOG.warning("the binary log holds %s, whole tables will be compared", kind)
            return {}
    return {table: join_keys(keys) for table, keys in written.items() if table not in unclear}


def join_keys(keys: Collection[int], most: int = MOST_RANGES) -> list[KeyRange]:
    """Return at most `most` ranges that hold all of `keys`, split where the gaps are widest."""
    ordered = sorted(keys)
    gaps = sorted(range(1, len(ordered)), key=lambda at: ordered[at] - ordered[at - 1], reverse=True)
    splits = sorted(at for at in gaps[: most - 1] if ordered[at] - ordered[at - 1] > 1)
    bounds = [0, *splits, len(ordered)]
    return [(ordered[first], ordered[last - 1]) for first, last in zip(bounds, bounds[1:]) if last > first]


def _find_key_columns(connection: Connection, schema: str) -> dict[Table, KeyColumn]:
    query = """
        SELECT c.table_name, MIN(c.ordinal_position), MIN(c.column_type LIKE '%%unsigned%%') FROM information_schema.columns c
        JOIN information_schema.key_column_usage k
          ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY'
        WHERE c.table_schema = %s GROUP BY c.table_name HAVING COUNT(*) = 1 AND MIN(LOWER(c.data_type)) LIKE '%%int'
    """
    return {
        Table(schema, str(name)): KeyColumn(int(number), bool(unsigned))
        for name, number, unsigned in fetch_rows(connection, query, (schema,))
    }
