"""Looks for many values at once, in anything that comes as bytes."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rehearsal.errors import RehearsalError
from rehearsal.job.secrecy.forms import list_forms

CHUNK = 16 << 20
"""bytes looked at together; chunks overlap by the longest value"""
SMALL = 64 << 10
"""bytes: below, a process costs more than it saves"""


class Search:
    """Searches for values with grep. It passes them in a file in memory, so that they are on no disk and in no command line."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        """`secrets`: name -> value, one line each."""
        self._wanted: dict[bytes, list[tuple[str, str]]] = {}
        for name, value in secrets.items():
            for text, form in list_forms(value).items():
                self._wanted.setdefault(text, []).append((name, form))
        self._overlap = max(map(len, self._wanted), default=1) - 1
        self._file = os.memfd_create("wanted")
        with open(os.dup(self._file), "wb") as file:  # noqa: PTH123  a descriptor, no path
            file.write(b"\n".join(self._wanted) + b"\n")

    def close(self) -> None:
        """Close the file of the patterns."""
        os.close(self._file)

    def find(self, pieces: Iterable[bytes]) -> tuple[set[tuple[str, str]], int]:
        """Return (name, form) of each value in the text that the pieces form together, and the length of the text in bytes.

        Raises RehearsalError when grep could not search.
        """
        found: set[tuple[str, str]] = set()
        size = 0
        for chunk, new in _split_chunks(pieces, self._overlap):
            size += new
            if len(chunk) < SMALL or self._is_hit(chunk):
                found |= {name for text, names in self._wanted.items() if text in chunk for name in names}
        return found, size

    def _is_hit(self, chunk: bytes) -> bool:
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


def read_contents(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes without what a sparse file never wrote (a disk's free space): two ends of a hole do not belong together."""
    with path.open("rb") as file:
        place, end = 0, path.stat().st_size
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
