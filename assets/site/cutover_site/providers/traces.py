"""The traces of one provider on the disk of a launched replica."""

from __future__ import annotations

from typing import NamedTuple


class Traces(NamedTuple):
    """Paths below the root, which none of them names."""

    emptied: tuple[str, ...]
    """Folders that stay, without what is in them."""
    removed: tuple[str, ...]
    """Globs of files and folders that go."""
