"""Positions in a server's binary log."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pymysql

from cutover_site.database.connections import Connection, fetch_rows
from cutover_site.errors import Refused, SiteError

POSITION = re.compile(r"^(?P<file>[\w.-]+):(?P<position>\d+)$")


@dataclass(frozen=True)
class BinlogPosition:
    """A file of the binary log and an offset in it. As text: FILE:POSITION."""

    file: str
    position: int

    def __str__(self) -> str:
        return f"{self.file}:{self.position}"


def parse_position(text: str) -> BinlogPosition:
    """Return the position in FILE:POSITION. Raises Refused."""
    found = POSITION.match(text)
    if not found:
        raise Refused(f"{text!r} is not FILE:POSITION")
    return BinlogPosition(found["file"], int(found["position"]))


def read_binlog_position(connection: Connection) -> BinlogPosition:
    """Return where the binary log ends now. Raises SiteError when there is no binary log."""
    try:
        found = fetch_rows(connection, "SHOW MASTER STATUS")
    except pymysql.err.ProgrammingError:
        found = fetch_rows(connection, "SHOW BINARY LOG STATUS")  # the only name since MySQL 8.4
    if not found:
        raise SiteError("the source's database server writes no binary log", next_action="run database.yml again")
    return BinlogPosition(file=str(found[0][0]), position=int(found[0][1]))
