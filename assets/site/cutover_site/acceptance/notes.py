"""What a check has to report besides its outcome: what it tried again, and which part of it was not checked.

Each check runs in a thread of its own, so the notes are a context variable: a check that runs beside it does not see them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Notes:
    retried: list[str] = field(default_factory=list)
    """each request that was sent a second time, with the answer to the first"""
    not_checked: list[str] = field(default_factory=list)
    """each part of a check that this site's settings rule out, with the setting"""


_current: ContextVar[Notes | None] = ContextVar("notes", default=None)


@contextmanager
def collect() -> Iterator[Notes]:
    """Collect the notes of one check."""
    notes = Notes()
    token = _current.set(notes)
    try:
        yield notes
    finally:
        _current.reset(token)


def add_retried(what: str) -> None:
    if (notes := _current.get()) is not None:
        notes.retried.append(what)


def add_not_checked(what: str) -> None:
    if (notes := _current.get()) is not None:
        notes.not_checked.append(what)
