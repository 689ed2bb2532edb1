"""The lines of a result about many items: one per item, or one per bucket of items where these would be too long for Systems Manager.

The choice depends on the items' names only, so both sides choose the same whatever the content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from cutover_site.files.names import escape_name

MAX_CHARACTERS = 19_000
"""of all lines together; Systems Manager returns at most 24,000 (docs.aws.amazon.com, GetCommandInvocation)"""
VALUE_CHARACTERS = 110
"""maximum length of a line without its name"""
BUCKETS = 128


def arrange(found: Mapping[str, str], kind: str = "repositories", most: int = 1000) -> dict[str, str]:
    """Return the values in `found` by printable name, or one digest per bucket. A value may have VALUE_CHARACTERS - 10 characters.

    `kind`: first part of a bucket's name. `most`: the most lines, whatever their size.
    """
    named = {escape_name(name): text for name, text in found.items()}
    if len(named) <= most and is_short_enough(named):
        return named
    buckets: dict[str, list[str]] = {}
    for name, text in sorted(named.items()):
        buckets.setdefault(get_bucket(name, kind), []).append(f"{name} {text}")
    return {
        bucket: f"{len(texts)} in it, {hashlib.sha256(chr(10).join(texts).encode()).hexdigest()[:32]}"
        for bucket, texts in buckets.items()
    }


def is_short_enough(named: Mapping[str, str]) -> bool:
    """Return whether one line per name is short enough."""
    return sum(len(json.dumps(name)) + VALUE_CHARACTERS for name in named) <= MAX_CHARACTERS


def get_bucket(name: str, kind: str = "repositories") -> str:
    """Return the bucket of a printable name."""
    return f"{kind}/bucket-{int(hashlib.sha256(name.encode()).hexdigest(), 16) % BUCKETS:03d}"
