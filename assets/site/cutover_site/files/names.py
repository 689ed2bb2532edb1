"""File names as text. A file name is any bytes except NUL and `/`, but a result for Systems Manager is text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cutover_site.result_size import measure_characters

MAX_NAMES = 10
"""in a list"""
MAX_NAME_CHARACTERS = 160
"""of a name in a list, serialized"""


def escape_name(name: str) -> str:
    r"""Return `name` with `\xNN` for each byte that is not UTF-8 and each control character. A backslash is doubled, so names stay different."""
    raw = name.replace("\\", "\\\\").encode(errors="surrogateescape").decode(errors="backslashreplace")
    return "".join(one if one.isprintable() else _escape(one) for one in raw)


def _escape(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode())


def shorten(name: str) -> str:
    """Return the end of a printable name, in at most MAX_NAME_CHARACTERS when serialized. The end has the file's own name."""
    text = escape_name(name)
    if measure_characters(text) <= MAX_NAME_CHARACTERS:
        return text
    text = text[-MAX_NAME_CHARACTERS:]
    while measure_characters(text) > MAX_NAME_CHARACTERS - 6:
        text = text[len(text) // 10 + 1 :]
    return f"…{text}"


def summarize(names: Iterable[str], total: int = 0) -> dict[str, Any]:
    """Return how many names there are, and the first MAX_NAMES of them. `total`: their number when `names` has only a part."""
    found = list(names)
    return {"total": max(total, len(found)), "names": [shorten(name) for name in found[:MAX_NAMES]]}
