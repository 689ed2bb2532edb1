"""The lines of an answer about many things: one for each, or, where these would be too long for Systems Manager, one for each bucket of them.

Which of the two depends on the names alone, so that both sides choose the same whatever the content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from cutover_site.files.names import printable

CHARACTERS = 19_000
"""of all lines together: the most that Systems Manager hands over is 24,000 (docs.aws.amazon.com, GetCommandInvocation)"""
VALUE = 110
"""characters that a line takes besides its name, at most"""
BUCKETS = 128


def arrange(found: Mapping[str, str], kind: str = "repositories", most: int = 1000) -> dict[str, str]:
    """Return `found` by printable name, or by bucket. `kind` begins a bucket's name. A value has at most VALUE - 10 characters.

    `most`: lines, whatever their size.
    """
    named = {printable(name): text for name, text in found.items()}
    if len(named) <= most and fits(named):
        return named
    buckets: dict[str, list[str]] = {}
    for name, text in sorted(named.items()):
        buckets.setdefault(bucket_of(name, kind), []).append(f"{name} {text}")
    return {
        bucket: f"{len(texts)} in it, {hashlib.sha256(chr(10).join(texts).encode()).hexdigest()[:32]}"
        for bucket, texts in buckets.items()
    }


def fits(named: Mapping[str, str]) -> bool:
    return sum(len(json.dumps(name)) + VALUE for name in named) <= CHARACTERS


def bucket_of(name: str, kind: str = "repositories") -> str:
    """Return the bucket of a printable name."""
    return f"{kind}/bucket-{int(hashlib.sha256(name.encode()).hexdigest(), 16) % BUCKETS:03d}"
