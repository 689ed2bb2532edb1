"""Signals that end a process, in work that must not be left half-done: a terminal that closes (SIGHUP), `kill` (SIGTERM), Ctrl-C (SIGINT)."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from cutover_site.errors import SiteError

SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


class Terminated(SiteError):
    """A signal was to end this process."""


@contextmanager
def raise_on_termination() -> Iterator[None]:
    """Raise Terminated at the first such signal in the block, and ignore those that follow until its end."""

    def raise_once(number: int, _frame: FrameType | None) -> None:
        for other in SIGNALS:
            signal.signal(other, signal.SIG_IGN)
        raise Terminated(f"{signal.Signals(number).name} ended the command", next_action="run the command again")

    with _handle_signals(raise_once):
        yield


@contextmanager
def ignore_termination() -> Iterator[None]:
    """Ignore such signals in the block."""
    with _handle_signals(signal.SIG_IGN):
        yield


@contextmanager
def _handle_signals(handler: signal._HANDLER) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in SIGNALS}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
