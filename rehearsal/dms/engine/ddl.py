"""What a statement in the binary log is about. Only what DMS carries is looked at closely: TRUNCATE, DROP, CREATE and ALTER TABLE."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Meaning = Literal["begin", "commit", "rollback", "rows", "table", "xa", "other"]
Verb = Literal["create", "alter", "drop", "truncate", "rename"]
_COMMENT = re.compile(r"/\*(?!!).*?\*/|(?:--\s|#)[^\n]*", re.DOTALL)
_NAME = r"(?:`(?:[^`]|``)+`|[\w$]+)"
_TABLE = rf"(?:(?P<schema>{_NAME})\s*\.\s*)?(?P<table>{_NAME})"
_VERBS: dict[Verb, re.Pattern[str]] = {
    "truncate": re.compile(rf"TRUNCATE\s+(?:TABLE\s+)?{_TABLE}", re.IGNORECASE),
    "drop": re.compile(rf"DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?{_TABLE}", re.IGNORECASE),
    "create": re.compile(rf"CREATE\s+(?:OR\s+REPLACE\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_TABLE}", re.IGNORECASE),
    "alter": re.compile(rf"ALTER\s+(?:ONLINE\s+)?(?:IGNORE\s+)?TABLE\s+(?:IF\s+EXISTS\s+)?{_TABLE}", re.IGNORECASE),
    "rename": re.compile(rf"RENAME\s+TABLES?\s+{_TABLE}", re.IGNORECASE),
}
_MORE = re.compile(rf"\s*,\s*{_TABLE}")
_INDEX_ONLY = re.compile(r"(CREATE|DROP)\s+(UNIQUE\s+|FULLTEXT\s+|SPATIAL\s+)?INDEX\b", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """One table that a statement is about."""

    schema: str
    table: str


@dataclass(frozen=True)
class Ddl:
    verb: Verb
    tables: tuple[Target, ...]


def strip_statement(text: str) -> str:
    """Return the statement without comments, outer space and the closing semicolon."""
    return _COMMENT.sub(" ", text).strip().rstrip(";").strip()


def parse_meaning(text: str) -> Meaning:
    """Return what the statement does, by its first keywords."""
    first = strip_statement(text).split(None, 1)[0].upper() if strip_statement(text) else ""
    if first == "BEGIN" or strip_statement(text).upper().startswith("START TRANSACTION"):
        return "begin"
    if first in ("COMMIT", "ROLLBACK"):
        return "commit" if first == "COMMIT" else "rollback"
    if first in ("INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD", "CALL", "WITH"):
        return "rows"
    if first == "XA":
        return "xa"
    return "table" if any(pattern.match(strip_statement(text)) for pattern in _VERBS.values()) else "other"


def parse(text: str, schema: str) -> Ddl | None:
    """Return what a statement changes; None when it changes no table's columns or rows."""
    statement = strip_statement(text)
    if _INDEX_ONLY.match(statement):
        return None
    for verb, pattern in _VERBS.items():
        if found := pattern.match(statement):
            tables = [_build_target(found, schema)]
            at = found.end()
            while verb == "drop" and (more := _MORE.match(statement, at)):
                tables.append(_build_target(more, schema))
                at = more.end()
            return Ddl(verb, tuple(tables))
    return None


def _build_target(found: re.Match[str], schema: str) -> Target:
    return Target(_unquote(found["schema"]) if found["schema"] else schema, _unquote(found["table"]))


def _unquote(name: str) -> str:
    return name[1:-1].replace("``", "`") if name.startswith("`") else name
