"""Find the line of a setting in migration.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any


def find_line(text: str, keys: Sequence[int | str]) -> int | None:
    """Return the number of the line on which the value at `keys` ends, or its table begins.

    For a missing value, return the line of the innermost table around it; None at the top of the file. tomllib reports no positions, so this
    parses longer and longer beginnings of the text. A beginning that ends within a value is not TOML.
    """
    lines = text.splitlines(keepends=True)
    found: dict[int, int] = {}
    for number in range(1, len(lines) + 1):
        try:
            values = tomllib.loads("".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue
        found.setdefault(_count_known(values, keys), number)
    depth = max(found, default=0)
    return found[depth] if depth else None


def _count_known(values: Any, keys: Sequence[int | str]) -> int:
    """Return how many of `keys`, from the outermost, lead to something."""
    for depth, key in enumerate(keys):
        is_known = (
            0 <= key < len(values)
            if isinstance(values, list) and isinstance(key, int)
            else isinstance(values, dict) and key in values
        )
        if not is_known:
            return depth
        values = values[key]
    return len(keys)
