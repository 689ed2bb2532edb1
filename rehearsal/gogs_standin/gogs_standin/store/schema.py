"""Parse the notation of `tables` and generate CREATE TABLE statements from it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .tables import TABLES

_TYPES = {
    "big": "BIGINT",
    "int": "INT",
    "flag": "BOOLEAN",
    "text": "TEXT",
    "longtext": "LONGTEXT",
    "moment": "DATETIME(3)",
}
_COLUMN = re.compile(r"(\w+)(!|=(-?\d+))?")
_COUNTING_KEY = "id"

Key = tuple[str, ...]


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    required: bool = False
    default: int | None = None

    @property
    def ddl(self) -> str:
        if self.default is not None:
            return f"`{self.name}` {self.type} NOT NULL DEFAULT {self.default}"
        return f"`{self.name}` {self.type} {'NOT NULL' if self.required else 'NULL'}"

    @property
    def blank(self) -> object:
        """Return 0, or the empty text for a column of text."""
        return "" if "CHAR" in self.type or "TEXT" in self.type else 0


@dataclass
class Table:
    name: str
    columns: list[Column] = field(default_factory=list)
    key: Key = (_COUNTING_KEY,)
    one: list[Key] = field(default_factory=list)
    by: list[Key] = field(default_factory=list)

    @property
    def ddl(self) -> str:
        """Return the CREATE TABLE statement. Indexes are named `one_…` and `by_…` after their columns."""
        lines = [f"`{_COUNTING_KEY}` BIGINT NOT NULL AUTO_INCREMENT"] if self.key == (_COUNTING_KEY,) else []
        lines += [column.ddl for column in self.columns]
        lines += [f"PRIMARY KEY ({_quote_names(self.key)})"]
        lines += [f"UNIQUE INDEX `one_{'_'.join(columns)}` ({_quote_names(columns)})" for columns in self.one]
        lines += [f"INDEX `by_{'_'.join(columns)}` ({_quote_names(columns)})" for columns in self.by]
        return f"CREATE TABLE `{self.name}` (\n  " + ",\n  ".join(lines) + "\n) CHARACTER SET utf8mb4"


@functools.cache
def load_tables() -> Mapping[str, Table]:
    """Return all tables by name. Raises ValueError for a word that is no column."""
    found: dict[str, Table] = {}
    for line in filter(None, TABLES.splitlines()):
        words = line.split()
        if not line[0].isspace():
            table = Table(words.pop(0))
            found[table.name] = table
        _read(words, table)
    return found


def list_statements() -> list[str]:
    """Return the statements that create the whole schema in an empty database."""
    return [table.ddl for table in load_tables().values()]


@functools.cache
def build_blanks(table: str) -> Mapping[str, object]:
    """Return an empty row: 0 or the empty text for each column without a default, except points in time."""
    columns = load_tables()[table].columns
    return {column.name: column.blank for column in columns if column.default is None and column.type != "DATETIME(3)"}


def _read(words: Iterable[str], table: Table) -> None:
    mode = ""
    for word in words:
        if word in ("one", "by", "key") or word in _TYPES or re.fullmatch(r"v\d+", word):
            mode = word
        elif mode == "key":
            table.key = tuple(word.split("+"))
        elif mode in ("one", "by"):
            getattr(table, mode).append(tuple(word.split("+")))
        else:
            table.columns.append(_parse_column(word, _TYPES.get(mode) or f"VARCHAR({mode[1:]})"))


def _parse_column(word: str, kind: str) -> Column:
    found = _COLUMN.fullmatch(word)
    if not found:
        raise ValueError(f"{word!r} is not a column")
    name, mark, default = found.groups()
    return Column(name, kind, required=mark == "!", default=int(default) if default else None)


def _quote_names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
