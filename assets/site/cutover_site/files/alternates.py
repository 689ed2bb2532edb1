"""Repositories that use objects of another one (objects/info/alternates, gitrepository-layout(5)), or everything but HEAD (commondir)."""

from __future__ import annotations

import os
from pathlib import Path

from cutover_site.files.names import shorten

MAX_BYTES = 65_536
"""of the file that are read"""


def find_outside_paths(root: Path, path: str, others: tuple[Path, ...] = ()) -> list[str]:
    """Return the paths that this file names and that are outside of `root` and `others` or do not exist. `path`: the file, below `root`.

    git resolves relative paths from objects/ (alternates) or from the repository (commondir).
    """
    file = root / path
    base = file.parent.parent if file.name == "alternates" else file.parent
    try:
        with file.open("rb") as stream:
            lines = stream.read(MAX_BYTES).decode(errors="surrogateescape").splitlines()
    except OSError:
        return []  # unreadable, which is a finding of its own, or deleted
    named = [line for line in lines if line and not line.startswith("#")]
    inside = [os.path.realpath(folder) for folder in (root, *others)]
    return [shorten(name) for name in named if not any(_is_inside(folder, base / name) for folder in inside)]


def _is_inside(root: str, path: Path) -> bool:
    end = os.path.realpath(path)
    return end.startswith(f"{root}/") and Path(end).exists()
