"""Describe the changes of refs by a push."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

NOTHING = "0" * 40
"""the id of a ref before its creation and after its deletion"""
_BRANCHES, _TAGS = "refs/heads/", "refs/tags/"


@dataclass(frozen=True)
class Change:
    """One ref, from one id to another. At most one of them is NOTHING."""

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
        """Return the name of the branch or tag without refs/…."""
        return self.ref.removeprefix(_TAGS).removeprefix(_BRANCHES)


def make_branch_change(name: str, old: str | None, new: str) -> Change:
    """Return the change of a branch; `old` is None for a new one."""
    return Change(_BRANCHES + name, old or NOTHING, new)


def parse_updates(lines: Iterable[str]) -> list[Change]:
    """Parse the lines that git sends to its hooks: `old new ref`."""
    return [Change(ref, old, new) for old, new, ref in (line.split(" ", 2) for line in lines)]
