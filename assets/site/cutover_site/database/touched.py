"""Between which keys the rows of large tables were written, as the row events of the binary log tell it.

The server's own tool decodes them (`mysqlbinlog`, or `mariadb-binlog`): `### INSERT INTO`, `### UPDATE`, `### DELETE FROM` begin a row,
`###   @N=value` is its Nth column. A line break inside a value is written as `\\x0a`, so no value can look like a row.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from cutover_site.database.binlog_tool import find_tool
from cutover_site.database.connections import Connection, quoted, rows
from cutover_site.database.digest import Span
from cutover_site.database.positions import BinlogPosition
from cutover_site.database.products import read_product
from cutover_site.errors import CommandFailed
from cutover_site.layout import Layout
from cutover_site.system.commands import lines

LOG = logging.getLogger(__name__)
MOST = 32
"""ranges of one table: each costs the digest a few round trips"""
ROW = re.compile(rb"^### (?:INSERT INTO|UPDATE|DELETE FROM) (?P<place>`.+`)$")
COLUMN = re.compile(rb"^###   @(?P<number>\d+)=(?P<value>-?\d+)?(?: \((?P<unsigned>\d+)\))?")
VALUES = (b"### WHERE", b"### SET")


@dataclass
class Key:
    """The primary key of a table, one whole number, and what is known of it."""

    table: str
    number: int
    """position of the column in the row, from 1"""
    unsigned: bool
    values: set[int] = field(default_factory=set)
    unclear: bool = False
    """a row was written that does not tell its key"""


def ranges(
    connection: Connection, layout: Layout, place: BinlogPosition, schema: str, tables: Collection[str]
) -> dict[str, list[Span]]:
    """Of those of `tables` whose primary key is one whole number: every row that was written since `place` has its key in one of the ranges.

    A table that is not in the answer may have been written anywhere.
    """
    keys = {key.table: key for key in _keys(connection, schema) if key.table in tables}
    if not keys:
        return {}
    server = read_product(connection)
    tool = find_tool(server)
    if tool is None:
        LOG.warning("no tool for the binary log of %s is installed, whole tables will be compared", server.name)
        return {}
    try:
        collect(
            lines(*_command(tool, layout, place)),
            {f"{quoted(schema)}.{quoted(name)}": key for name, key in keys.items()},
        )
    except CommandFailed as error:
        LOG.warning("what was written is not known by keys, whole tables will be compared: %s", error)
        return {}
    return {name: joined(key.values) for name, key in keys.items() if key.values and not key.unclear}


def collect(decoded: Iterable[bytes], keys: Mapping[str, Key]) -> None:
    """Adds to `keys` (by quoted name) what the tool's lines tell. An UPDATE tells two keys when it changes it."""
    wanted = {name.encode(): key for name, key in keys.items()}
    key: Key | None = None
    told = True
    for line in decoded:
        if key is not None and (column := COLUMN.match(line)):
            if int(column["number"]) == key.number:
                told = column["value"] is not None
                if told:
                    key.values.add(int(column["unsigned"] if key.unsigned and column["unsigned"] else column["value"]))
        elif key is not None and line.startswith(VALUES):
            continue
        else:
            if key is not None and not told:
                key.unclear = True
            row = ROW.match(line)
            key, told = (wanted.get(row["place"]) if row else None), False
    if key is not None and not told:
        key.unclear = True


def joined(values: Collection[int], most: int = MOST) -> list[Span]:
    """At most `most` ranges that hold all of `values`, split where the gaps are widest."""
    ordered = sorted(values)
    gaps = sorted(range(1, len(ordered)), key=lambda at: ordered[at] - ordered[at - 1], reverse=True)
    splits = sorted(at for at in gaps[: most - 1] if ordered[at] - ordered[at - 1] > 1)
    bounds = [0, *splits, len(ordered)]
    return [(ordered[first], ordered[last - 1]) for first, last in zip(bounds, bounds[1:]) if last > first]


def _keys(connection: Connection, schema: str) -> list[Key]:
    query = """
        SELECT c.table_name, MIN(c.ordinal_position), MIN(c.column_type LIKE '%%unsigned%%') FROM information_schema.columns c
        JOIN information_schema.key_column_usage k
          ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY'
        WHERE c.table_schema = %s GROUP BY c.table_name HAVING COUNT(*) = 1 AND MIN(LOWER(c.data_type)) LIKE '%%int'
    """
    return [
        Key(str(name), int(number), bool(unsigned)) for name, number, unsigned in rows(connection, query, (schema,))
    ]


def _command(tool: str, layout: Layout, place: BinlogPosition) -> list[str]:
    """Through the server, which knows its logs' folder and may have encrypted them."""
    return [
        tool, "--no-defaults", "--read-from-remote-server", f"--socket={layout.database_socket}", "--user=root",
        "--base64-output=DECODE-ROWS", "--verbose", "--to-last-log", f"--start-position={place.position}", place.file,
    ]  # fmt: skip
