"""What a push does to refs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

NOTHING = "0" * 40
"""What a ref is before it is made and after it is deleted."""
_BRANCHES, _TAGS = "refs/heads/", "refs/tags/"


@dataclass(frozen=True)
class Change:
    """One ref, from one id to another. Either may be NOTHING, not both."""

    ref: str
    old: str
    new: str

    @property
    def made(self) -> bool:
        return self.old == NOTHING

    @property
    def deleted(self) -> bool:
        return self.new == NOTHING

    @property
    def is_tag(self) -> bool:
        return self.ref.startswith(_TAGS)

    @property
    def name(self) -> str:
        """Of the branch or tag."""
        return self.ref.removeprefix(_TAGS).removeprefix(_BRANCHES)


def branch(name: str, old: str | None, new: str) -> Change:
    return Change(_BRANCHES + name, old or NOTHING, new)


def parse_updates(lines: Iterable[str]) -> list[Change]:
    """As git tells its hooks: `old new ref`, a line each."""
    return [Change(ref, old, new) for old, new, ref in (line.split(" ", 2) for line in lines)]
