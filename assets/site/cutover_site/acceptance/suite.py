"""Define a suite of checks as data: the order of the checks and where each runs. The application declares it, `runner` runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from cutover_site.acceptance.session import Session

S = TypeVar("S", bound=Session)


@dataclass(frozen=True)
class Check(Generic[S]):
    """One check. `run` returns when the site behaves as it must. It raises CheckFailed or CheckSkipped."""

    name: str
    run: Callable[[S], None]
    required: bool = False
    """it runs before all checks that are not required; when it fails, they are not tried"""
    after: tuple[str, ...] = ()
    """checks that it waits for; when one of them has failed, it is not tried. All other checks run concurrently"""
    builds_on: str = ""
    """a check whose data it uses: it waits for that check too, and is skipped for the same reason"""
    on_live_data: bool = True
    """False: its result is the same on the scratch copy and was checked there, so it does not run while users wait"""
    local_only: bool = False
    """it changes the application's files directly: only on this machine, where no other instance has cached them"""

    @property
    def predecessors(self) -> tuple[str, ...]:
        return (*self.after, *([self.builds_on] if self.builds_on else []))

    def is_applicable(self, session: Session) -> bool:
        """Return whether the check belongs to this session. A check that does not belong to it is in no report."""
        return (self.on_live_data or not session.live) and (session.is_local or not self.local_only)


def _do_nothing(_session: Session) -> None:
    """Return at once, for an application that needs no preparation."""


@dataclass(frozen=True)
class Suite(Generic[S]):
    """The checks of one application in the order of their report, with preparation and cleanup."""

    checks: tuple[Check[S], ...]
    clean_up: Callable[[S], None]
    """removes everything that this session created. Its outcome is a result of the suite"""
    clean_up_all: Callable[[S], None]
    """removes everything that any session has created, with a new session. It is safe to repeat. Raises CheckFailed"""
    prepare: Callable[[S], None] = _do_nothing
    """adds to the session, before its first use, the facts that this machine has about the site"""
