"""A suite of checks as data: what each check waits for and where it runs. The application declares it, `runner` runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from cutover_site.acceptance.session import Session

S = TypeVar("S", bound=Session)


@dataclass(frozen=True)
class Check(Generic[S]):
    """One check. `run` returns when the site does what it must. It raises CheckFailed, or CheckSkipped."""

    name: str
    run: Callable[[S], None]
    required: bool = False
    """it runs before the checks that are not; when it fails, the rest is not tried"""
    after: tuple[str, ...] = ()
    """checks that it waits for; when one has failed, it is not tried. All other checks run beside each other"""
    builds_on: str = ""
    """a check whose result it works on: it waits for it too, and is skipped for the same reason"""
    on_live_data: bool = True
    """False: what it looks at is the same on the scratch copy and was checked there, so it is left out while users wait"""
    local_only: bool = False
    """it changes files below the application: only on this machine, where no other instance has cached them"""

    @property
    def predecessors(self) -> tuple[str, ...]:
        return (*self.after, *([self.builds_on] if self.builds_on else []))

    def applies_to(self, session: Session) -> bool:
        """Return whether the session runs or reports this check. Other checks do not occur in the report."""
        return (self.on_live_data or not session.live) and (session.is_local or not self.local_only)


def _do_nothing(_session: Session) -> None:
    """Return at once: the application has nothing to prepare."""


@dataclass(frozen=True)
class Suite(Generic[S]):
    """The checks of one application, in the order of their report, and what surrounds them."""

    checks: tuple[Check[S], ...]
    clean_up: Callable[[S], None]
    """removes everything that this session made. Its own success is a result of the suite"""
    clean_up_all: Callable[[S], None]
    """removes what any session has ever made, with a new session. Harmless to repeat. Raises CheckFailed"""
    prepare: Callable[[S], None] = _do_nothing
    """completes the session before its first use by what this machine knows of the site"""
