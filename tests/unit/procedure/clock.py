"""A clock of which time passes only when somebody waits, and what happens when it passes."""

from __future__ import annotations

from typing import Protocol


class Alarm(Protocol):
    """What happens by itself when time passes."""

    def due(self, until: float) -> float | None: ...

    def ring(self) -> None: ...


class FakeClock:
    """Time passes only when somebody waits."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0
        self.alarms: list[Alarm] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        until = self.time + seconds
        while waiting := [(due, alarm) for alarm in self.alarms if (due := alarm.due(until)) is not None]:
            due, alarm = min(waiting, key=lambda one: one[0])
            self.time = max(self.time, due)
            alarm.ring()
        self.time = until
