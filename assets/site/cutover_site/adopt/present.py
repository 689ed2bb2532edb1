"""What is on the machine before an adoption, and the change that writes a file over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cutover_site.adopt.changes import FileChange


@dataclass(frozen=True)
class Present:
    """What is on the machine now. `read`: the content of a file, None when there is none. `is_folder`: whether a folder exists."""

    read: Callable[[str], bytes | None]
    is_folder: Callable[[str], bool]


def write_file(present: Present, path: str, text: str, why: str, *, volatile: bool = False) -> FileChange:
    """Return the change that writes this text. A file that exists keeps its mode."""
    before = present.read(path)
    return FileChange(
        path,
        text.encode(),
        why,
        before="does not exist" if before is None else f"{len(before)} bytes",
        after=f"{len(text.encode())} bytes",
        mode=0o644 if before is None else None,
        is_volatile=volatile,
    )
