"""Find the chunks of a table, in the order of its primary key, without a gap, from before the first row to after the last."""

from __future__ import annotations

from collections.abc import Iterator

from cutover_site.database.chunks import WHOLE_TABLE, Chunk, ComparableTable, KeyRange
from cutover_site.database.columns import build_key_condition, list_key_arguments
from cutover_site.database.connections import Connection, fetch_rows

Key = tuple[object, ...]
MIN_FILL = 0.25
"""of a chunk whose bounds were computed; below it, the server finds the bounds. Either way costs about the same then"""


class ChunkFinder:
    """The chunks of one table, or of one range of its keys. Each key belongs to exactly one chunk.

    The server finds the end of a chunk by reading the keys up to it, so it reads each row twice. Where the key is one whole number this is
    left out: `size` successive numbers hold at most `size` rows. When such a chunk holds few rows, the server finds the next one.
    Any connection may find the next chunk, one at a time.
    """

    def __init__(
        self, table: ComparableTable, size: int, key_range: KeyRange | None = None, *, counts: bool = True
    ) -> None:
        """`size`: rows of a chunk. `key_range`: only this range of a key of one column. `counts`: computes bounds where it can."""
        self._table, self._size, self._range = table, size, key_range
        self._counts = counts and table.has_integer_key
        self._is_dense = True
        self._bounds: KeyRange | None = None
        """first and last key of the table, read once"""
        self._end: Key | None = None
        """of the chunk before"""
        self._is_done = False

    def find_next(self, connection: Connection) -> Chunk | None:
        """Return the next chunk, None after the last."""
        if self._is_done:
            return None
        rest, start = self._build_rest(), self._find_start()
        end, is_counted = self._find_end(connection, rest)
        self._end, self._is_done = end, end is None
        if end is None:
            return rest
        return self._build_chunk(rest, start, end, is_counted)

    def note_rows(self, chunk: Chunk, rows: int) -> None:
        """Take note of how many rows a chunk had: it decides how the next one is found."""
        if chunk.is_counted:
            self._is_dense = rows >= self._size * MIN_FILL

    def _find_start(self) -> int | None:
        """Return the smallest key that the next chunk can have, None when there is no bound or the key is not one whole number."""
        if not self._table.has_integer_key:
            return None
        if self._end is not None:
            return int(str(self._end[0])) + 1
        return self._range[0] if self._range is not None else None

    def _build_chunk(self, rest: Chunk, start: int | None, end: Key, is_counted: bool) -> Chunk:
        """Return the rows of the rest up to `end`."""
        if start is not None:
            # One comparison, because the server repeats each of them for every row that it has read, although it reads only this range.
            return Chunk(f"{self._table.keys_sql} BETWEEN %s AND %s", (start, int(str(end[0]))), is_counted)
        condition = build_key_condition(self._table.keys, inclusive_end=True)
        return Chunk(f"{rest.condition} AND {condition}", (*rest.arguments, *list_key_arguments(end)), is_counted)

    def _build_rest(self) -> Chunk:
        """Return all that the chunks before left."""
        keys = self._table.keys_sql
        first = WHOLE_TABLE if self._range is None else Chunk(f"{keys} BETWEEN %s AND %s", self._range)
        if self._end is None:
            return first
        condition = build_key_condition(self._table.keys, inclusive_end=False)
        return Chunk(f"{first.condition} AND {condition}", (*first.arguments, *list_key_arguments(self._end)))

    def _find_end(self, connection: Connection, rest: Chunk) -> tuple[Key | None, bool]:
        """Return the last key of the next chunk, None when it is the last chunk, and whether the key was computed."""
        if not self._counts:
            return self._read_end(connection, rest), False
        start, last = self._read_rest_bounds(connection)
        if last - start < self._size:
            return None, True
        if self._is_dense:
            return (start + self._size - 1,), True
        end = self._read_end(connection, rest)
        self._is_dense = end is not None and (int(str(end[0])) - start) * MIN_FILL < self._size
        return end, False

    def _read_rest_bounds(self, connection: Connection) -> KeyRange:
        """Return the keys between which the rest of the rows is."""
        if self._bounds is None:
            known = self._range if self._range and self._range[1] - self._range[0] < self._size else None
            self._bounds = known or self._read_bounds(connection)
        first, last = self._bounds
        return (first if self._end is None else int(str(self._end[0])) + 1), last

    def _read_bounds(self, connection: Connection) -> KeyRange:
        rest, key = self._build_rest(), self._table.keys_sql
        select = f"SELECT MIN({key}), MAX({key}) FROM {self._table.name_sql} WHERE {rest.condition}"
        first, last = fetch_rows(connection, select, rest.arguments)[0]
        return (0, 0) if first is None else (int(first), int(last))

    def _read_end(self, connection: Connection, rest: Chunk) -> Key | None:
        """Return the key of the last of the next `size` rows, None when the rest has fewer."""
        keys = self._table.keys_sql
        found = fetch_rows(
            connection,
            f"SELECT {keys} FROM {self._table.name_sql} WHERE {rest.condition} ORDER BY {keys} LIMIT 1 OFFSET {self._size - 1}",
            rest.arguments,
        )
        return tuple(found[0]) if found else None


def iterate_chunks(connection: Connection, table: ComparableTable, size: int) -> Iterator[Chunk]:
    """Yield chunks of `size` rows of this server's table. Finds each when it is needed."""
    finder = ChunkFinder(table, size, counts=False)
    while True:
        chunk = finder.find_next(connection)
        if chunk is None:
            return
        yield chunk
