"""File names as text. A name is any bytes but NUL and `/`; an answer to Systems Manager is text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cutover_site.answers import size

SHOWN = 10
"""names in a list"""
LONGEST = 160
"""characters of a name in a list, in an answer"""


def printable(name: str) -> str:
    """Return `name` without bytes that are no UTF-8 and without control characters: each is written as `\\xNN`.

    Two names never become one: a backslash is written twice.
    """
    raw = name.replace("\\", "\\\\").encode(errors="surrogateescape").decode(errors="backslashreplace")
    return "".join(one if one.isprintable() else _escape(one) for one in raw)


def _escape(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode())


def shorten(name: str) -> str:
    """Return a printable name of at most LONGEST characters in an answer, with its end: that is where the file is."""
    text = printable(name)
    if size(text) <= LONGEST:
        return text
    text = text[-LONGEST:]
    while size(text) > LONGEST - 6:
        text = text[len(text) // 10 + 1 :]
    return f"…{text}"


def summarize(names: Iterable[str], total: int = 0) -> dict[str, Any]:
    """Return how many names there are, and the first SHOWN of them. `total`: when `names` is only a part."""
    found = list(names)
    return {"total": max(total, len(found)), "names": [shorten(name) for name in found[:SHOWN]]}
