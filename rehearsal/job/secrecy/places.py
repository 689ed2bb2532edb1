"""Where no secret may be, outside AWS: the synthesized app, disk images, logs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rehearsal.job.secrecy.search import contents


@dataclass(frozen=True)
class Item:
    """Something with a name that may be shown, and its content."""

    name: str
    pieces: Iterable[bytes]


Place = Callable[[], Iterator[Item]]
"""A place with its items. Raises when it cannot be read whole."""


def tree(folder: Path) -> Iterator[Item]:
    """Every file below; archives are opened too."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name = str(path.relative_to(folder))
            yield Item(name, contents(path))
            if zipfile.is_zipfile(path):
                yield from unpacked(name, path.read_bytes())


def unpacked(name: str, archive: bytes) -> Iterator[Item]:
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        for member in members.namelist():
            yield Item(f"{name}!{member}", [members.read(member)])


def processes(numbers: Iterable[int]) -> Iterator[Item]:
    """Command lines and environments. One that ends meanwhile is left out."""
    for number in numbers:
        folder = Path(f"/proc/{number}")
        try:
            name = (folder / "comm").read_text().strip()
            shown = [(folder / "cmdline").read_bytes(), b"\n", (folder / "environ").read_bytes()]
        except (FileNotFoundError, ProcessLookupError):
            continue
        yield Item(f"{number} ({name})", shown)


def journals(machines: Iterable[str], read: Callable[[str], str]) -> Iterator[Item]:
    """What each machine's services said, all fields. `read` answers a machine's journal."""
    for machine in machines:
        yield Item(machine, [read(machine).encode()])


def text(name: str, given: str) -> Iterator[Item]:
    yield Item(name, [given.encode()])
