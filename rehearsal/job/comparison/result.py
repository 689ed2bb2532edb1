"""What a comparison saw."""

from __future__ import annotations

from dataclasses import dataclass, field

LISTED = 100
COUNTS = ("tables", "rows", "repositories", "refs", "objects", "owned", "extra_files")
"""the fields that are numbers"""


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
    files: dict[str, int] = field(default_factory=dict)
    owned: int = 0
    """paths whose type, mode, owner and group were compared"""
    since_commit: dict[str, int] = field(default_factory=dict)
    extra_files: int = 0
    extra: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    def add(self, part: Comparison) -> None:
        """Add the observations of another part of the same comparison."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(part, name))
        for kind, count in part.files.items():
            self.files[kind] = self.files.get(kind, 0) + count
        for what, count in part.since_commit.items():
            self.add_newer(what, count)
        self.extra = (self.extra + part.extra)[:LISTED]
        self.findings += part.findings

    def add_file(self, kind: str) -> None:
        """Count a compared file."""
        self.files[kind] = self.files.get(kind, 0) + 1

    def add_newer(self, what: str, count: int = 1) -> None:
        """Add to `since_commit` what is newer on the target."""
        if count:
            self.since_commit[what] = self.since_commit.get(what, 0) + count

    def add_extra(self, path: str) -> None:
        """Count a file that only the target has, and keep the first paths."""
        self.extra_files += 1
        if len(self.extra) < LISTED:
            self.extra.append(path)
