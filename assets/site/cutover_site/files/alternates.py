"""Repositories that borrow objects of another one (objects/info/alternates, gitrepository-layout(5)), or all but their HEAD (commondir)."""

from __future__ import annotations

import os
from pathlib import Path

from cutover_site.files.names import shorten

LONGEST = 65_536


def leading_out(root: Path, path: str) -> list[str]:
    """Return the places that the file names and that lie outside of `root`, or do not exist. Relative ones are seen from objects/ or the repository."""
    file = root / path
    base = file.parent.parent if file.name == "alternates" else file.parent
    try:
        with file.open("rb") as stream:
            lines = stream.read(LONGEST).decode(errors="surrogateescape").splitlines()
    except OSError:
        return []  # unreadable, or gone: that is told by itself
    named = [line for line in lines if line and not line.startswith("#")]
    inside = os.path.realpath(root)
    return [shorten(one) for one in named if not _holds(inside, base / one)]


def _holds(root: str, place: Path) -> bool:
    end = os.path.realpath(place)
    return end.startswith(f"{root}/") and Path(end).exists()
