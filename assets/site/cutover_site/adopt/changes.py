"""The changes of an adoption, as data. Each states what is changed, what was there before, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union


@dataclass(frozen=True)
class FileChange:
    """A file gets this content. `owner`: uid and gid; None keeps those of the file that is there, root's for a new one.

    `is_volatile`: the tool itself changes the file later. `is_settings`: an administrator may change it too, and such a change is kept.
    `before`, `after`: for people, without a secret.
    """

    path: str
    content: bytes = field(repr=False)
    why: str
    before: str
    after: str
    mode: int | None = None
    owner: tuple[int, int] | None = None
    is_volatile: bool = False
    is_settings: bool = False

    @property
    def name(self) -> str:
        """Return what is changed."""
        return self.path


@dataclass(frozen=True)
class FolderChange:
    """A folder is created when it does not exist. `owner`: uid and gid; None for root. `is_kept`: it stays when it is not empty later."""

    path: str
    why: str
    mode: int = 0o755
    owner: tuple[int, int] | None = None
    before: str = "does not exist"
    after: str = "exists"

    @property
    def name(self) -> str:
        """Return what is changed."""
        return self.path


@dataclass(frozen=True)
class UnitChange:
    """A unit of systemd is started or stopped, and enabled at boot or not. None leaves that as it is."""

    unit: str
    why: str
    is_active: bool | None = None
    is_enabled: bool | None = None

    @property
    def name(self) -> str:
        """Return what is changed."""
        return self.unit

    @property
    def before(self) -> str:
        """Return what was there before, for people: its state is read when the change is made."""
        return "as it is"

    @property
    def after(self) -> str:
        """Return what is there then, for people."""
        active = {True: ["runs"], False: ["stopped"], None: []}[self.is_active]
        enabled = {True: ["enabled at boot"], False: ["not enabled at boot"], None: []}[self.is_enabled]
        return ", ".join([*active, *enabled])


@dataclass(frozen=True)
class MarkersChange:
    """The table of the markers is created on the database server of this machine."""

    why: str
    before: str = "as it is"
    after: str = "exists"

    @property
    def name(self) -> str:
        """Return what is changed."""
        return "table cutover.marker"


Change = Union[FileChange, FolderChange, UnitChange, MarkersChange]


def describe(change: Change) -> dict[str, str]:
    """Return a change for the result of the verb."""
    return {"what": change.name, "before": change.before, "after": change.after, "why": change.why}


def format_change(number: int, change: Change) -> str:
    """Return a line for people."""
    return f"{number:2}. {change.name}: {change.before} -> {change.after}. {change.why}"
