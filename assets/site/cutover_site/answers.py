"""The size of an answer. Systems Manager hands over 24,000 characters of a command's output and cuts the rest (GetCommandInvocation).

Whatever grows with the users' data is bounded where it is built: lines of digests by `files/lines.py`, lists by the functions here. What must
not be shortened (a table that was written, a row that differs) has another way to be complete, which its verb knows.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any

LONGEST = 23_000
"""characters of an answer"""
LONGEST_REASON = 4_000
SHOWN = 20
"""texts of a list"""
LONGEST_TEXT = 200


def serialize(facts: dict[str, Any]) -> str:
    """Return one line of ASCII: a reader that splits lines must find no other line break than the last one, and no byte may be lost."""
    return json.dumps(facts, default=str)


def size(value: Any) -> int:
    return len(serialize({"": value})) - len('{"": }')


def limit(facts: dict[str, Any], verb: str) -> dict[str, Any]:
    """Return `facts`, packed when they are too long; or the failure to hand them over: half an answer would be taken for none."""
    if not facts["ok"]:
        facts = {**facts, **{key: clip(str(facts[key])) for key in ("reason", "next") if key in facts}}
    length = len(serialize(facts))
    if length <= LONGEST:
        return facts
    packed = {"ok": facts["ok"], "packed": pack(serialize(facts))}
    if len(serialize(packed)) <= LONGEST:
        return packed
    return {
        "ok": False,
        "reason": f"{verb} has {length} characters to say, and Systems Manager hands over at most {LONGEST}",
        "next": "this is a defect: report it with the names of what there is so much of on this machine",
    }


def pack(text: str) -> str:
    """Return base64 of the compressed text. The procedure unpacks it (lambda/common/clients/machines.py)."""
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def clip(text: str, most: int = LONGEST_REASON) -> str:
    """Return a text whose serialized form has at most `most` characters."""
    if size(text) <= most:
        return text
    kept = text[:most]
    while size(kept) > most - 10:
        kept = kept[: len(kept) * 9 // 10]
    return f"{kept}…"


def limit_lists(facts: dict[str, Any]) -> dict[str, Any]:
    """Return `facts` with no list of more than SHOWN texts, none of them long, and each list telling how many it leaves out."""
    return {key: _limit(value) for key, value in facts.items()}


def _limit(value: Any) -> Any:
    if isinstance(value, dict):
        return limit_lists(value)
    if isinstance(value, str):
        return clip(value, LONGEST_TEXT)
    if isinstance(value, (list, tuple)):
        shown = [_limit(item) for item in value[:SHOWN]]
        return [*shown, f"and {len(value) - SHOWN} more"] if len(value) > SHOWN else shown
    return value


def first_that_fit(names: Sequence[str], most: int) -> list[str]:
    """Return as many of the first names as fit into `most` characters."""
    kept: list[str] = []
    for name in names:
        most -= size(name) + 2
        if most < 0:
            break
        kept.append(name)
    return kept
