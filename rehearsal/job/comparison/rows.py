"""Compare every row of every table, all columns, in both directions.

One side may be MariaDB and the other MySQL: what they sort, print and hash in different ways (names in information_schema,
floating-point numbers inside of functions, MD5) is done here, or not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from rehearsal import application
from rehearsal.application import Query
from rehearsal.job.comparison.result import Comparison

_FLOATS = {"float", "double"}
_BINARY = {
    "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit", "geometry", "point", "linestring", "polygon",
    "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection",
}  # fmt: skip
CHUNK = 200
"""rows whose columns are fetched by one statement"""
_ESCAPED = {"n": "\n", "t": "\t", "0": "\0", "\\": "\\"}


@dataclass(frozen=True)
class Table:
    """`counted`: its key is one number that the server counts up, so a larger one is newer."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    counted: bool
    floats: tuple[str, ...] = ()
    """those of `columns` that are floating-point numbers"""
    binary: tuple[str, ...] = ()
    """those that are no text: MySQL does not join bytes with text"""

    def render_literal(self, column: str) -> str:
        """Return an expression for the value as a literal of SQL."""
        return f"QUOTE({self.read(column)})"

    def read(self, column: str) -> str:
        """Return an expression for the value as text."""
        return f"HEX(`{column}`)" if column in self.binary else f"`{column}`"


def compare_rows(source: Query, target: Query, schema: str, result: Comparison) -> None:
    """Compare the rows of both sides. A row that cannot be compared is a finding. Findings contain no values, because some are secret."""
    here, there = _read_tables(source, schema), _read_tables(target, schema)
    result.findings += [f"table {name} exists on the target only" for name in sorted(there.keys() - here.keys())]
    for name, table in here.items():
        result.tables += 1
        if name not in there:
            result.findings.append(f"table {name} is not on the target")
        elif there[name] != table:
            result.findings.append(f"table {name} has other columns or another key on the target")
        elif not table.key:
            result.findings.append(f"table {name} has no primary key, its rows could not be compared")
        else:
            _compare(source, target, schema, table, result)


def _read_tables(query: Query, schema: str) -> dict[str, Table]:
    columns: dict[str, list[str]] = {}
    keys: dict[str, dict[int, str]] = {}
    kinds: dict[str, dict[str, str]] = {}
    counted: set[str] = set()
    for line in query(
        "SELECT c.table_name, c.column_name, c.extra, c.data_type, COALESCE(k.ordinal_position, 0) FROM information_schema.columns c"
        " JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'"
        " LEFT JOIN information_schema.key_column_usage k ON k.table_schema = c.table_schema AND k.table_name = c.table_name"
        " AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY'"
        f" WHERE c.table_schema = '{schema}'"
    ):
        table, column, extra, kind, place = line.split("\t")
        columns.setdefault(table, []).append(column)
        kinds.setdefault(table, {})[column] = kind
        if place != "0":
            keys.setdefault(table, {})[int(place)] = column
        if "auto_increment" in extra:
            counted.add(table)
    return {
        name: Table(
            name,
            tuple(sorted(columns[name])),
            tuple(column for _, column in sorted(keys.get(name, {}).items())),
            name in counted and len(keys[name]) == 1,
            tuple(sorted(column for column, kind in kinds[name].items() if kind in _FLOATS)),
            tuple(sorted(column for column, kind in kinds[name].items() if kind in _BINARY)),
        )
        for name in sorted(columns)
    }


def _compare(source: Query, target: Query, schema: str, table: Table, result: Comparison) -> None:
    with ThreadPoolExecutor(2) as both:
        here, there = both.map(lambda query: _read_digests(query, schema, table), (source, target))
    result.rows += len(here)
    explain = application.load()
    findings = [f"row {_format_key(key)} of table {table.name}" for key in here.keys() - there.keys()]
    unread = [key for key, digest in (here | there).items() if digest == "NULL"]
    findings += [f"row {_format_key(key)} of table {table.name} could not be compared" for key in unread]
    differing = sorted(key for key in here.keys() & there.keys() if here[key] != there[key])
    for keys in _split_chunks(differing):
        before, after = (_read_rows(query, schema, table, keys) for query in (source, target))
        for key in keys:
            pairs = zip(table.columns, before.get(key, ()), after.get(key, ()), strict=True)
            changed = [(column, old, new) for column, old, new in pairs if old != new]
            wrong = [name for name, old, new in changed if not explain.is_normal_use(table.name, name, old, new)]
            if wrong or not changed:
                what = ", ".join(wrong) or "it could not be read twice"
                findings.append(f"row {_format_key(key)} of table {table.name} differs: {what}")
            else:
                for column, _, _ in changed:
                    result.add_newer(f"{table.name}.{column}")
    new = sorted(there.keys() - here.keys())
    younger = _find_younger(source, target, schema, table, here, new)
    findings += [f"row {_format_key(key)} of table {table.name} is only on the target, and not new" for key in new if key not in younger]  # fmt: skip
    result.add_newer(f"{table.name} rows", len(younger))
    result.findings += sorted(findings)


def _read_digests(query: Query, schema: str, table: Table) -> dict[tuple[str, ...], str]:
    """Return the rows by key. A server that could not compute a value returns NULL."""
    plain = [table.render_literal(column) for column in table.columns if column not in table.floats]
    keys = [table.render_literal(column) for column in table.key]
    numbers = [f"`{column}` + 0e0" for column in table.floats]
    selected = ", ".join([*keys, *numbers, f"SHA2(CONCAT_WS(',', {', '.join(plain)}), 256)"])
    found = {}
    for line in query(f"SELECT {selected} FROM `{schema}`.`{table.name}`"):
        fields = line.split("\t")
        values = [one if one == "NULL" else (float(one) + 0.0).hex() for one in fields[len(keys) : -1]]
        digest = fields[-1]
        found[tuple(map(_unescape, fields[: len(keys)]))] = digest if digest == "NULL" else " ".join([digest, *values])
    return found


def _read_rows(
    query: Query, schema: str, table: Table, keys: Iterable[tuple[str, ...]]
) -> dict[tuple[str, ...], tuple[str, ...]]:
    columns = ", ".join(table.render_literal(column) for column in (*table.key, *table.columns))
    wanted = ", ".join(f"({', '.join(key)})" for key in keys)
    names = ", ".join(table.read(column) for column in table.key)
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for line in query(f"SELECT {columns} FROM `{schema}`.`{table.name}` WHERE ({names}) IN ({wanted})"):
        values = tuple(map(_unescape, line.split("\t")))
        found[values[: len(table.key)]] = values[len(table.key) :]
    return found


def _find_younger(
    source: Query, target: Query, schema: str, table: Table, here: Iterable[tuple[str, ...]], new: list[tuple[str, ...]]
) -> set[tuple[str, ...]]:
    """Return the rows that were made after every row that the source has."""
    if table.counted:
        last = max((int(key[0].strip("'")) for key in here), default=0)
        return {key for key in new if int(key[0].strip("'")) > last}
    column = application.load().DATED.get(table.name)
    if column is None or not new:
        return set()
    newest = _unescape(source(f"SELECT QUOTE(MAX(`{column}`)) FROM `{schema}`.`{table.name}`")[0])
    place = table.columns.index(column)
    found = {
        key: row[place] for keys in _split_chunks(new) for key, row in _read_rows(target, schema, table, keys).items()
    }
    return {key for key, made in found.items() if newest == "NULL" or made > newest}


def _split_chunks(keys: Iterable[tuple[str, ...]]) -> Iterator[list[tuple[str, ...]]]:
    waiting = iter(keys)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk


def _format_key(key: tuple[str, ...]) -> str:
    return ", ".join(key)


def _unescape(text: str) -> str:
    pieces, letters = [], iter(text)
    for letter in letters:
        following = next(letters, "") if letter == "\\" else ""
        pieces.append(_ESCAPED.get(following, following) if letter == "\\" else letter)
    return "".join(pieces)
