"""The traces of a provider on the disk of a launched replica."""

from __future__ import annotations

from typing import NamedTuple


class Traces(NamedTuple):
    """Paths relative to the root of the disk."""

    emptied: tuple[str, ...]
    """folders that are kept empty"""
    removed: tuple[str, ...]
    """glob patterns of files and folders that are removed"""
