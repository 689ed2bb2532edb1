"""Where no secret may be, outside AWS: the synthesized app, disk images, logs."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rehearsal.job.secrecy.archives import is_archive, open_archive
from rehearsal.job.secrecy.search import read_contents


@dataclass(frozen=True)
class Item:
    """Something with a name that may be shown, and its content."""

    name: str
    pieces: Iterable[bytes]


Place = Callable[[], Iterator[Item]]
"""A place with its items. Raises when it cannot be read whole."""


def read_tree(folder: Path) -> Iterator[Item]:
    """Yield every file below, and the members of archives. Raises OSError for a folder that cannot be read."""
    for path in _list_files(folder):
        name = str(path.relative_to(folder))
        yield Item(name, read_contents(path))
        with path.open("rb") as file:
            head = file.read(512)
        if is_archive(head) or zipfile.is_zipfile(path):
            yield from unpack(name, path.read_bytes())


def unpack(name: str, content: bytes) -> Iterator[Item]:
    """Yield what is in an archive, and in archives in it; nothing when it is none."""
    for member, inside in open_archive(name, content):
        yield Item(member, [inside])


def _list_files(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder, onerror=_raise_error):
        folders.sort()
        for path in (Path(where) / name for name in sorted(names)):
            if path.is_file() and not path.is_symlink():
                yield path


def _raise_error(error: OSError) -> None:
    raise error


def read_processes(numbers: Iterable[int]) -> Iterator[Item]:
    """Yield the command lines and environments of the processes. A process that ends meanwhile is left out."""
    for number in numbers:
        folder = Path(f"/proc/{number}")
        try:
            name = (folder / "comm").read_text().strip()
            shown = [(folder / "cmdline").read_bytes(), b"\n", (folder / "environ").read_bytes()]
        except (FileNotFoundError, ProcessLookupError):
            continue
        yield Item(f"{number} ({name})", shown)


def read_journals(machines: Iterable[str], read: Callable[[str], str]) -> Iterator[Item]:
    """Yield each machine's journal, all fields. `read` returns a machine's journal."""
    for machine in machines:
        yield Item(machine, [read(machine).encode()])


def make_text_item(name: str, given: str) -> Iterator[Item]:
    """Yield one text."""
    yield Item(name, [given.encode()])
