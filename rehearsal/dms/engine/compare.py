"""One digest for each row, computed by either server from the row's values alone.

MariaDB and MySQL must give the same for the same row. MySQL 9.7 has no SHA1(). Both print a selected DOUBLE so that it reads back as the
same number, but in CAST, CONCAT or SHA2 MySQL prints 15 digits: floating-point values are selected, and compared here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.dms.engine.databases import Connection, read_rows
from rehearsal.dms.engine.tables import Column, Name, Table, quote, quote_full_name

Key = tuple[Any, ...]
Digests = dict[Key, str]
UNREADABLE = "?"
"""Digest of a row of which the server could not compute one: a value is longer than its max_allowed_packet."""
_FLOATS = ("float", "double")


@dataclass(frozen=True)
class Lobs:
    """`skip`: they are not compared. `most`: no more than so many bytes of them are; 0: all."""

    skip: bool = False
    most: int = 0


@dataclass(frozen=True)
class Side:
    """One end's table. Both ends compute over the source's columns, in the source's order."""

    connection: Connection
    name: Name
    table: Table
    columns: tuple[Column, ...]

    def read_chunk(self, lobs: Lobs, *, after: Key | None, upto: Key | None, limit: int | None) -> Digests:
        """Return the digests of the rows behind `after`, up to and including `upto`, in the order of the key."""
        clauses, arguments = [], []
        names = [quote(name) for name in self.table.key]
        for bound, operator in ((after, ">"), (upto, "<=")):
            if bound is not None:
                clause, values = _render_bound(names, bound, operator)
                clauses.append(clause)
                arguments += values
        where = f" WHERE {' AND '.join(clauses)}" if clauses else ""
        tail = f" ORDER BY {', '.join(names)}" + (f" LIMIT {limit}" if limit else "")
        return self._read(lobs, where + tail, arguments)

    def read_rows(self, lobs: Lobs, keys: Sequence[Key]) -> Digests:
        """Return the digests of those of the rows that exist."""
        one = self._render_key_condition()
        return self._read(lobs, f" WHERE {' OR '.join([one] * len(keys))}", [value for key in keys for value in key])

    def read_logged_rows(self, lobs: Lobs, keys: Sequence[Key]) -> Digests:
        """Return the same, each row as the binary log has it by now.

        A server writes a transaction into its binary log before other sessions see its rows, so a plain read can be older than the log. A
        transaction keeps its row locks until its rows are visible: this waits for them. One row at a time: who holds no lock while it waits
        for one cannot be part of a deadlock, in which the site's own transaction might be the one that fails.
        """
        tail = f" WHERE {self._render_key_condition()} LOCK IN SHARE MODE"
        found: Digests = {}
        for key in keys:
            found |= self._read(lobs, tail, key)
        return found

    def _render_key_condition(self) -> str:
        return f"({' AND '.join(f'{quote(name)} = %s' for name in self.table.key)})"

    def read_values(self, key: Key) -> list[Any] | None:
        """Return the row itself, to report what differs."""
        where = " AND ".join(f"{quote(name)} = %s" for name in self.table.key)
        found = read_rows(
            self.connection,
            f"SELECT {', '.join(c.selected for c in self.columns)} FROM {quote_full_name(self.name)} WHERE {where}",
            key,
        )
        return list(found[0]) if found else None

    def _read(self, lobs: Lobs, tail: str, arguments: Sequence[Any]) -> Digests:
        by_name = {column.name: column for column in self.columns}
        keys = [by_name[name].selected for name in self.table.key]
        numbers = [column.selected for column in self.columns if column.kind in _FLOATS]
        selected = ", ".join([*keys, *numbers, render_digest(self.columns, lobs)])
        found = read_rows(
            self.connection, f"SELECT {selected} FROM {quote_full_name(self.name)}{tail}", list(arguments)
        )
        return {tuple(row[: len(keys)]): _compute_digest(row[-1], row[len(keys) : -1]) for row in found}


def _compute_digest(text: str | None, numbers: Sequence[float | None]) -> str:
    """Return the digest of one row. `numbers`: its floating-point values; the two zeros are one value, as for the servers."""
    if text is None:
        return UNREADABLE
    return " ".join([text, *("-" if number is None else (number + 0.0).hex() for number in numbers)])


def render_digest(columns: Sequence[Column], lobs: Lobs) -> str:
    """Return the expression for a row's digest, without its floating-point values. NULL when a value could not be read."""
    parts = [
        _render_part(column, lobs)
        for column in columns
        if not (column.lob and lobs.skip) and column.kind not in _FLOATS
    ]
    joined = ", ',', ".join(parts) or "''"
    return f"SHA2(CONCAT({joined}), 256)"


def _render_part(column: Column, lobs: Lobs) -> str:
    value = column.selected
    if column.lob and lobs.most:
        value = f"LEFT({value}, {lobs.most})"
    if column.kind == "json" or (column.charset and column.kind not in ("enum", "set")):
        value = f"CONVERT({value} USING utf8mb4)"
    return f"IF({quote(column.name)} IS NULL, '-', SHA2({value}, 256))"


def _render_bound(names: Sequence[str], key: Key, operator: str) -> tuple[str, list[Any]]:
    """Write out `(a, b) > (%s, %s)`, so that the primary key serves it."""
    parts: list[str] = []
    values: list[Any] = []
    for number, name in enumerate(names):
        last = number == len(names) - 1
        sign = operator if last else operator[0]
        parts.append("(" + " AND ".join([*(f"{before} = %s" for before in names[:number]), f"{name} {sign} %s"]) + ")")
        values += [*key[:number], key[number]]
    return "(" + " OR ".join(parts) + ")", values


def format_key(key: Key) -> str:
    """Return the key in the form that DMS writes into awsdms_validation_failures_v1."""
    return json.dumps({"key": [value.hex() if isinstance(value, bytes) else str(value) for value in key]})


def format_differences(columns: Sequence[Column], source: Sequence[Any], target: Sequence[Any]) -> str:
    """Return as JSON the columns in which the two rows differ, with shortened values."""
    pairs: list[list[Mapping[str, str]]] = [
        [{column.name: _shorten(left)}, {column.name: _shorten(right)}]
        for column, left, right in zip(columns, source, target, strict=True)
        if left != right
    ]
    return json.dumps(pairs, ensure_ascii=False)


def _shorten(value: Any) -> str:
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text)} characters)"
