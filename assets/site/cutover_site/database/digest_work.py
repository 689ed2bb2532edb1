"""Share the chunks of tables among several connections to one server.

A connection takes the next table that no other has taken, and digests its chunks. When no table is left, it helps with the chunks of the
tables that others work on. All connections therefore end within one chunk of each other, also when one table is most of the schema.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cutover_site.database.chunk_finder import ChunkFinder
from cutover_site.database.chunks import Chunk, ComparableTable
from cutover_site.database.connections import Connection

DigestChunk = Callable[[Connection, ComparableTable, Chunk], tuple[int, int]]
"""return the number of rows of a chunk, and the XOR of their hashes"""


@dataclass(frozen=True)
class TableDigest:
    """Digest and number of rows of one table, and the seconds from its first statement to its last."""

    rows: int
    digest: str
    seconds: float


class TableWork:
    """One table whose chunks are digested by any number of connections."""

    def __init__(self, table: ComparableTable, finders: Iterable[ChunkFinder], digest_chunk: DigestChunk) -> None:
        self._table, self._finders, self._digest_chunk = table, deque(finders), digest_chunk
        self._lock = threading.Lock()
        self._rows, self._digest = 0, 0
        self._began = self._ended = time.monotonic()

    def digest_chunks(self, connection: Connection, stopped: threading.Event) -> None:
        """Digest chunks until none is left, or until `stopped`."""
        while not stopped.is_set():
            with self._lock:  # the end of a chunk must be known before the next one can be found
                finder, chunk = self._find_next(connection)
            if finder is None or chunk is None:
                return
            rows, digest = self._digest_chunk(connection, self._table, chunk)
            with self._lock:
                finder.note_rows(chunk, rows)
                self._rows, self._digest = self._rows + rows, self._digest ^ digest
                self._ended = time.monotonic()

    def to_digest(self) -> TableDigest:
        """Return the digest of all chunks."""
        return TableDigest(self._rows, f"{self._digest:032x}", round(self._ended - self._began, 3))

    def _find_next(self, connection: Connection) -> tuple[ChunkFinder | None, Chunk | None]:
        while self._finders:
            chunk = self._finders[0].find_next(connection)
            if chunk is not None:
                return self._finders[0], chunk
            self._finders.popleft()
        return None, None


class DigestWork:
    """The tables that are to be digested."""

    def __init__(self, names: Iterable[str], prepare: Callable[[Connection, str], TableWork]) -> None:
        """`prepare`: read from the server how a table is compared."""
        self._prepare = prepare
        self._names = deque(names)
        self._preparing = 0
        self._open: list[TableWork] = []
        self._works: dict[str, TableWork] = {}
        self._changed = threading.Condition()
        self._stopped = threading.Event()

    def run(self, connections: Sequence[Connection]) -> dict[str, TableDigest]:
        """Digest all tables with these connections. An error of one ends the work of all, each after its statement, and is raised."""
        names = list(self._names)
        if len(connections) == 1:
            self._work(connections[0])
        else:
            with ThreadPoolExecutor(len(connections)) as pool:
                futures = [pool.submit(self._work, connection) for connection in connections]
                try:
                    errors = [error for error in (future.exception() for future in futures) if error is not None]
                finally:
                    self._stop()  # this thread may be interrupted too: no other goes on then
            if errors:
                raise errors[0]
        return {name: self._works[name].to_digest() for name in names}

    def _work(self, connection: Connection) -> None:
        """Digest chunks on one connection until no table has any left."""
        try:
            while (work := self._take_table(connection)) is not None:
                work.digest_chunks(connection, self._stopped)
                self._close(work)
        except BaseException:
            self._stop()
            raise

    def _take_table(self, connection: Connection) -> TableWork | None:
        """Return the next table that is not prepared, else one with chunks left; None when there is neither, or another connection failed."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped.is_set() or self._names or self._open or not self._preparing)
            if self._stopped.is_set() or not (self._names or self._open):
                return None
            if not self._names:
                return self._open[0]
            name = self._names.popleft()
            self._preparing += 1
        work = self._prepare(connection, name)
        with self._changed:
            self._preparing -= 1
            self._works[name] = work
            self._open.append(work)
            self._changed.notify_all()
        return work

    def _close(self, work: TableWork) -> None:
        """Take a table off the list whose last chunk was taken. Another connection may still digest it."""
        with self._changed:
            if work in self._open:
                self._open.remove(work)

    def _stop(self) -> None:
        with self._changed:
            self._stopped.set()
            self._changed.notify_all()
