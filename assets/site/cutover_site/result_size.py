"""Limit the size of a verb's result. Systems Manager returns 24,000 characters of a command's output and cuts the rest (GetCommandInvocation).

Results that grow with the users' data are limited where they are built: lines of digests by `files/lines.py`, lists by the functions here.
Where a result must be complete (tables that were written, divergent rows), its verb has another way for that.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any

MAX_CHARACTERS = 23_000
"""of a result"""
MAX_REASON_CHARACTERS = 4_000
MAX_ITEMS = 20
"""of a list"""
MAX_TEXT_CHARACTERS = 200
"""of an item"""


def serialize(facts: dict[str, Any]) -> str:
    """Return one line of ASCII. So the result has no line break inside, and no transport can damage it."""
    return json.dumps(facts, default=str)


def measure_characters(value: Any) -> int:
    """Return the number of characters of a serialized value."""
    return len(serialize({"": value})) - len('{"": }')


def fit_result(facts: dict[str, Any], verb: str) -> dict[str, Any]:
    """Return a result that Systems Manager does not cut: `facts`, packed when they are too long, or a failure when they are still too long."""
    if not facts["ok"]:
        facts = {**facts, **{key: clip(str(facts[key])) for key in ("reason", "next") if key in facts}}
    length = len(serialize(facts))
    if length <= MAX_CHARACTERS:
        return facts
    packed = {"ok": facts["ok"], "packed": pack(serialize(facts))}
    if len(serialize(packed)) <= MAX_CHARACTERS:
        return packed
    return {
        "ok": False,
        "reason": f"the result of {verb} has {length} characters, and Systems Manager returns at most {MAX_CHARACTERS}",
        "next": "this is a defect: report it, with the kind of data that this machine has very much of",
    }


def pack(text: str) -> str:
    """Return the compressed text in base64. The procedure unpacks it (lambda/common/clients/machines.py)."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def clip(text: str, most: int = MAX_REASON_CHARACTERS) -> str:
    """Return the beginning of a text, with at most `most` characters when serialized."""
    if measure_characters(text) <= most:
        return text
    kept = text[:most]
    while measure_characters(kept) > most - 10:
        kept = kept[: len(kept) * 9 // 10]
    return f"{kept}…"


def shorten_lists(facts: dict[str, Any]) -> dict[str, Any]:
    """Return `facts` with lists of at most MAX_ITEMS short texts. A shortened list ends with the number of texts that were left out."""
    return {key: _limit_value(value) for key, value in facts.items()}


def _limit_value(value: Any) -> Any:
    if isinstance(value, dict):
        return shorten_lists(value)
    if isinstance(value, str):
        return clip(value, MAX_TEXT_CHARACTERS)
    if isinstance(value, (list, tuple)):
        shown = [_limit_value(item) for item in value[:MAX_ITEMS]]
        return [*shown, f"and {len(value) - MAX_ITEMS} more"] if len(value) > MAX_ITEMS else shown
    return value


def select_first_that_fit(names: Sequence[str], most: int) -> list[str]:
    """Return the first names: as many as fit into `most` characters."""
    kept: list[str] = []
    for name in names:
        most -= measure_characters(name) + 2
        if most < 0:
            break
        kept.append(name)
    return kept
