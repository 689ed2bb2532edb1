r"""Read the binary log as the text that the server's own tool decodes (`mysqlbinlog`, or `mariadb-binlog`), with the keys of rows.

Each event has a header (`#<date> <time> server id …`) with its kind. `### INSERT INTO`, `### UPDATE`, `### DELETE FROM` begin a row,
`###   @N=value` is its Nth column. A line break inside a value is written as `\x0a`, so no value can look like a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cutover_site.database.binlog_events import Event, Frame, RowWritten, Table, UnknownEvent, classify
from cutover_site.database.connections import quote_identifier
from cutover_site.database.positions import BinlogPosition
from cutover_site.layout import Layout

POSITION = b"# at "
HEADER, HEADER_PLACE = b" server id ", slice(16, 27)
"""in each header at the same place, because its date and its time have the same width"""
LISTED_KINDS = {
    "Start": "Format_desc", "Previous-GTIDs": "Previous_gtids", "Gtid": "Gtid_list", "GTID": "Gtid", "Anonymous_GTID": "Anonymous_Gtid",
    "GTID_Tagged": "Gtid_tagged", "Binlog": "Binlog_checkpoint", "Transaction_Payload": "Transaction_payload", "Rand": "RAND",
    "User_var": "User var", "XA": "XA_prepare", "XID": "XA_prepare",
}  # fmt: skip
"""first words of the tool's kinds that SHOW BINLOG EVENTS names otherwise"""
SETTING = re.compile(rb"^(?:SET |use `|/\*!|/\*M!).*/\*!\*/;$")
"""between the header of a Query event and its statement: the session in which it was executed. A statement has its delimiter in the next line"""
PLACE, COLUMN = b"### ", b"###   @"
ROW = re.compile(rb"^### (?:INSERT INTO|UPDATE|DELETE FROM) (?P<place>`.+`)$")
IMAGES = (b"### WHERE", b"### SET")
PARTITION = b"### Extra row info for partitioning: "
"""before a row of a partitioned table of MySQL"""
KEY = re.compile(rb"(?P<value>-?\d+)(?: \((?P<unsigned>\d+)\))?")


@dataclass(frozen=True)
class KeyColumn:
    """The one column of a table's primary key, a whole number."""

    number: int
    """position in the row, from 1"""
    unsigned: bool


class _Row:
    """Collects the keys of one row as its columns come."""

    def __init__(self, table: Table, column: KeyColumn) -> None:
        self.table = table
        self.prefix = COLUMN + b"%d=" % column.number
        self._unsigned = column.unsigned
        self._keys: list[int] = []
        self._clear = True

    def add(self, value: bytes) -> None:
        found = KEY.match(value)
        if found is None:
            self._clear = False
        else:
            self._keys.append(int(found["unsigned"] if self._unsigned and found["unsigned"] else found["value"]))

    def take(self) -> RowWritten:
        """Return the row and begin the next one."""
        written = RowWritten(self.table, tuple(self._keys) if self._clear else ())
        self._keys, self._clear = [], True
        return written


def read_events(decoded: Iterable[bytes], keys: Mapping[Table, KeyColumn]) -> Iterator[Event]:
    """Yield the events of the tool's lines. A RowWritten comes for rows of the tables in `keys` alone."""
    rows = {
        f"{quote_identifier(table.schema)}.{quote_identifier(table.name)}".encode(): _Row(table, key)
        for table, key in keys.items()
    }
    between = _BetweenRows()
    row: _Row | None = None
    prefix = b""
    for line in decoded:
        if line.startswith(COLUMN):
            if row is not None and line.startswith(prefix):
                row.add(line[len(prefix) :])
        elif line not in IMAGES:
            if row is not None:
                yield row.take()
                row = None
            if not line.startswith(PLACE):
                if line.startswith(b"#") or between.expects_statement:
                    event = between.read(line)
                    if event is not None:
                        yield event
            elif begun := ROW.match(line):
                row = rows.get(begun["place"])
                prefix = row.prefix if row is not None else b""
            elif not line.startswith(PARTITION):
                yield UnknownEvent("row", _decode(line))
    if row is not None:
        yield row.take()
    if between.expects_statement:
        yield UnknownEvent("Query", "")


class _BetweenRows:
    """Follows the lines that are no rows: headers, and the statement of a Query event."""

    def __init__(self) -> None:
        self.expects_statement = False
        self._seen: dict[bytes, Event] = {}
        """frames by their first word, and tables by their whole text: a log has few of them, many times"""

    def read(self, line: bytes) -> Event | None:
        """Return the event that this line completes, None where it completes none."""
        if line[HEADER_PLACE] == HEADER:
            return self._read_header(line.partition(b"\t")[2])
        if line.startswith(POSITION):
            return None
        if self.expects_statement:
            if SETTING.match(line):
                return None
            self.expects_statement = False
            return classify("Query", _decode(line))
        return UnknownEvent("header", _decode(line)) if line[1:2].isdigit() else None

    def _read_header(self, text: bytes) -> Event | None:
        """Return the event; None for a Query, whose statement follows in later lines. `text`: the header from the event's kind on."""
        word = text.split(None, 1)[0] if text else b""
        if word == b"Query" or self.expects_statement:
            cut, self.expects_statement = self.expects_statement, word == b"Query"
            return (
                UnknownEvent("Query", "") if cut else None
            )  # it may have written anything, so also what this event writes
        return self._seen.get(word) or self._seen.get(text) or self._classify(word, text)

    def _classify(self, word: bytes, text: bytes) -> Event:
        kind = _decode(word.rstrip(b":"))
        event = classify(LISTED_KINDS.get(kind, kind), _decode(text[len(word) :].strip()))
        self._seen[word if isinstance(event, Frame) else text] = event
        return event


def _decode(line: bytes) -> str:
    return line.decode(errors="replace")


def build_command(tool: str, layout: Layout, start: BinlogPosition, *, option_file: str = "") -> list[str]:
    """Return the tool's command from `start` to the end. It reads through the server, which knows its logs' folder and may have encrypted them.

    `option_file`: has the login of a server that is not on this machine.
    """
    local = ("--no-defaults", f"--socket={layout.database_socket}", "--user=root")
    return [
        tool, *((f"--defaults-file={option_file}",) if option_file else local), "--read-from-remote-server",
        "--base64-output=DECODE-ROWS", "--verbose", "--to-last-log", f"--start-position={start.position}", start.file,
    ]  # fmt: skip
