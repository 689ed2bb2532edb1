"""Provide text that is not ASCII, as far as the site's tables can store it.

Tables of Gogs 0.9 to 0.11 are `utf8` (three bytes a character), older ones can be `latin1`. The target's tables have the
source's character sets, so the target refuses exactly what the source refuses.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """Text that a table of this character set can store. `left_out`: the characters that are not checked there."""

    charset: str
    title: str
    words: str
    left_out: str = ""

    def build_issue_body(self) -> str:
        """Return about 60 KB of text.

        That is above the 32 KB at which a replication of large objects truncates by default, and below the column's 64 KB.
        """
        return self.words * (60_000 // len(self.words.encode()))


TEXTS = (
    Text("utf8mb4", "Abnahme: ü 好 🚀", "Zürich 東京 🚀 "),
    Text("utf8mb3", "Abnahme: ü 好", "Zürich 東京 大阪 ", "characters of four bytes (emoji)"),
    Text("latin1", "Abnahme: ü", "Zürich Århus Besançon ", "characters outside of Western European languages"),
    Text("ascii", "Abnahme", "Zurich Arhus Besancon ", "characters outside of ASCII"),
)  # fmt: skip
"""each character set can store what the next one can"""
NAMES = {"utf8": "utf8mb3", "latin1": "latin1", "utf8mb3": "utf8mb3", "utf8mb4": "utf8mb4"}


def get_narrowest(charsets: Collection[str]) -> str:
    """Return the member of `charsets` that can store the fewest characters, by its name in TEXTS.

    Empty when `charsets` is empty.
    """
    known = [NAMES.get(charset, "ascii") for charset in charsets]
    return next((text.charset for text in reversed(TEXTS) if text.charset in known), "")


def get_text(charset: str) -> Text:
    """Return the text for tables of `charset`.

    For an unknown (empty) one it is the text that all but the oldest tables can store.
    """
    return next(text for text in TEXTS if text.charset == (charset or "utf8mb3"))
