"""What a comparison saw."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

LISTED = 100


@dataclass
class Comparison:
    """What was compared, as counts of the source's side, and one sentence for everything that is lost, damaged or unexplained.

    `since_commit` counts what normal use explains: rows, columns, refs that are newer on the target. `extra` names files that
    only the target has, the first LISTED of `extra_files`.
    """

    tables: int = 0
    rows: int = 0
    repositories: int = 0
    refs: int = 0
    objects: int = 0
    files: Counter[str] = field(default_factory=Counter)
    owned: int = 0
    """paths whose type, mode, owner and group were compared"""
    since_commit: Counter[str] = field(default_factory=Counter)
    extra_files: int = 0
    extra: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    def add_extra(self, path: str) -> None:
        self.extra_files += 1
        if len(self.extra) < LISTED:
            self.extra.append(path)
