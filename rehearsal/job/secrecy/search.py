"""Look for many values at once, in anything that comes as bytes."""

from __future__ import annotations

import errno
import os
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from pathlib import Path

from rehearsal.errors import RehearsalError
from rehearsal.job.secrecy.forms import list_forms

CHUNK = 16 << 20
"""bytes looked at together; chunks overlap by the longest value"""
SMALL = 64 << 10
"""bytes: a shorter text is searched together with others, because a process for it alone costs more than it saves"""
PROCESSORS = os.cpu_count() or 1
Found = set[tuple[str, str]]
"""(name, form) of each value in a text"""


class Search:
    """Searches for values with grep. It passes them in a file in memory, so that they are on no disk and in no command line."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        """`secrets`: name -> value, one line each."""
        self._wanted: dict[bytes, list[tuple[str, str]]] = {}
        for name, value in secrets.items():
            for text, form in list_forms(value).items():
                self._wanted.setdefault(text, []).append((name, form))
        self._overlap = max(map(len, self._wanted), default=1) - 1
        self._pool = ThreadPoolExecutor(PROCESSORS)
        self._file = os.memfd_create("wanted")
        with open(os.dup(self._file), "wb") as file:  # noqa: PTH123  a descriptor, no path
            file.write(b"\n".join(self._wanted) + b"\n")

    def close(self) -> None:
        """Close the file of the patterns, when no search is under way any more."""
        self._pool.shutdown()
        os.close(self._file)

    def find_each(self, texts: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[tuple[str, Found, int]]:
        """Yield the name of each text (name, pieces), what it contains, and its length in bytes.

        Most texts are short and contain nothing: one grep searches a group of them, and only a group with a hit is searched
        text by text. If `texts` raises an error, what came before it is yielded first. Raises RehearsalError when grep
        could not search.
        """
        group: list[tuple[str, bytes]] = []
        size, failure = 0, None
        try:
            for name, pieces in texts:
                rest = iter(pieces)
                beginning = _read_beginning(rest)
                if len(beginning) >= SMALL:
                    yield name, *self.find(chain([beginning], rest))
                    continue
                group.append((name, beginning))
                size += len(beginning)
                if size >= CHUNK:
                    yield from self._find_in_group(group)
                    group, size = [], 0
        except Exception as error:  # noqa: BLE001  raised again below
            failure = error
        yield from self._find_in_group(group)
        if failure is not None:
            raise failure

    def _find_in_group(self, group: list[tuple[str, bytes]]) -> Iterator[tuple[str, Found, int]]:
        is_hit = bool(group) and self._is_hit(b"\n".join(text for _, text in group))
        for name, text in group:
            yield name, self._find_exactly(text) if is_hit else set(), len(text)

    def find(self, pieces: Iterable[bytes]) -> tuple[Found, int]:
        """Return what is in the text that the pieces form together, and its length in bytes. Raises RehearsalError when grep could not search."""
        found: Found = set()
        size = 0
        for chunk, new, is_hit in self._grep_ahead(_split_chunks(pieces, self._overlap)):
            size += new
            if is_hit:
                found |= self._find_exactly(chunk)
        return found, size

    def has_any(self, pieces: Iterable[bytes]) -> bool:
        """Return whether the text has one of the values. Reads no further than to the first one. Raises RehearsalError when grep could not search."""
        found = self._grep_ahead(_split_chunks(pieces, self._overlap))
        return any(is_hit and self._find_exactly(chunk) for chunk, _, is_hit in found)

    def _grep_ahead(self, chunks: Iterable[tuple[bytes, int]]) -> Iterator[tuple[bytes, int, bool]]:
        """Yield each chunk and whether it may contain a value. While one is yielded, each processor searches another."""
        waiting: deque[tuple[bytes, int, Future[bool]]] = deque()
        for chunk, new in chunks:
            waiting.append((chunk, new, self._pool.submit(self._is_hit, chunk)))
            if len(waiting) > PROCESSORS:
                chunk_before, new_before, result = waiting.popleft()
                yield chunk_before, new_before, result.result()
        for chunk, new, result in waiting:
            yield chunk, new, result.result()

    def _find_exactly(self, chunk: bytes) -> Found:
        return {name for text, names in self._wanted.items() if text in chunk for name in names}

    def _is_hit(self, chunk: bytes) -> bool:
        if len(chunk) < SMALL:
            return True  # to look at it is less work than a process
        done = subprocess.run(
            ["grep", "-q", "-a", "-F", "-f", f"/proc/self/fd/{self._file}"],
            input=chunk,
            stderr=subprocess.PIPE,
            pass_fds=[self._file],
            env={"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)},
            check=False,
        )
        if done.returncode > 1:
            raise RehearsalError(f"grep could not search: {done.stderr.decode(errors='replace').strip()[:200]}")
        return done.returncode == 0


def _read_beginning(pieces: Iterator[bytes]) -> bytes:
    """Read pieces until there are SMALL bytes or no more pieces."""
    beginning = bytearray()
    for piece in pieces:
        beginning += piece
        if len(beginning) >= SMALL:
            break
    return bytes(beginning)


def _split_chunks(pieces: Iterable[bytes], overlap: int) -> Iterator[tuple[bytes, int]]:
    """Yield the text in chunks of about CHUNK bytes, each with the end of the one before, and how many bytes of it are new."""
    waiting, kept = bytearray(), 0
    for piece in pieces:
        waiting += piece
        if len(waiting) >= CHUNK:
            yield bytes(waiting), len(waiting) - kept
            del waiting[: max(len(waiting) - overlap, 0)]
            kept = len(waiting)
    if len(waiting) > kept:
        yield bytes(waiting), len(waiting) - kept


def read_contents(path: Path, begin: int = 0) -> Iterator[bytes]:
    """Yield a file's bytes from `begin` without what a sparse file never wrote (a disk's free space): two ends of a hole do not belong together."""
    with path.open("rb") as file:
        place, end = begin, path.stat().st_size
        while place < end:
            try:
                place = os.lseek(file.fileno(), place, os.SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:  # a hole to the end
                    return
                raise
            until = os.lseek(file.fileno(), place, os.SEEK_HOLE)
            while place < until:
                piece = os.pread(file.fileno(), min(CHUNK, until - place), place)
                if not piece:
                    return
                place += len(piece)
                yield piece
            yield b"\0"
