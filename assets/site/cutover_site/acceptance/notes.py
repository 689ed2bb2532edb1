"""Record what a check reports besides its outcome: the requests that it repeated, and its parts that it did not check.

The notes are a context variable. Each check runs in its own thread, so concurrent checks do not share notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

MAX_NOTES = 8
MAX_NOTE_LENGTH = 300
"""characters"""


@dataclass
class Notes:
    """The notes of one check, for reports and evidence."""

    retried: list[str] = field(default_factory=list)
    """each request that was sent a second time, with the response to the first"""
    not_checked: list[str] = field(default_factory=list)
    """each part of a check that this site's settings rule out, with the setting"""


_current: ContextVar[Notes | None] = ContextVar("notes", default=None)


@contextmanager
def collect() -> Iterator[Notes]:
    """Collect the notes that the body of this context adds, in this thread."""
    notes = Notes()
    token = _current.set(notes)
    try:
        yield notes
    finally:
        _current.reset(token)


def add_retried(what: str) -> None:
    """Note a request that is sent a second time. Outside of a check it notes nothing."""
    if (notes := _current.get()) is not None:
        _add(notes.retried, what)


def add_not_checked(what: str) -> None:
    """Note a part of the check that this site's settings rule out. Outside of a check it notes nothing."""
    if (notes := _current.get()) is not None:
        _add(notes.not_checked, what)


def _add(notes: list[str], what: str) -> None:
    """Add a note, within the size that the output of a Systems Manager command can hold."""
    if len(notes) < MAX_NOTES:
        notes.append(what[:MAX_NOTE_LENGTH])
    elif len(notes) == MAX_NOTES:
        notes.append("and more")
