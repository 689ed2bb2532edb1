"""Translate the former command line `python -m operate`, and report on standard error what to write instead."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

WORDS: Mapping[str, str] = {"orphaned": "clean-up", "--remove": "--yes"}
"""former words that have another name now"""


def translate(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of `cutover` that do the same."""
    is_clean_up = "orphaned" in arguments
    new = [WORDS.get(word, word) if is_clean_up else word for word in arguments]
    command = next((word for word in new if not word.startswith("-")), "")
    print(
        f"note: `python -m operate` is now called `cutover` and goes away with the next release; write: cutover {command}".rstrip(),
        file=sys.stderr,
    )
    return new
