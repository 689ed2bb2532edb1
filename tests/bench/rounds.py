"""Two ways to do the same, measured in turns (A B A B …), so that what else the machine does falls on both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Side = Callable[[], float]
"""Does the work once; answers the seconds it counts."""


@dataclass(frozen=True)
class Comparison:
    """Seconds of each round. `ratio` is ours by theirs, `speed` its inverse: how many times faster ours is."""

    what: str
    ours: str
    theirs: str
    aim: str = ""
    ours_seconds: list[float] = field(default_factory=list)
    theirs_seconds: list[float] = field(default_factory=list)
    work: float = 0.0
    """units of work in one round, 0 when only seconds matter"""
    unit: str = ""
    faster: bool = False
    """whether the figure is `speed`"""

    @property
    def ratio(self) -> float:
        """The median of the rounds' own ratios: each round's two sides ran one after the other."""
        pairs = zip(self.ours_seconds, self.theirs_seconds, strict=True)
        return statistics.median(ours / theirs for ours, theirs in pairs)

    @property
    def speed(self) -> float:
        pairs = zip(self.ours_seconds, self.theirs_seconds, strict=True)
        return statistics.median(theirs / ours for ours, theirs in pairs)

    def text(self) -> str:
        lines = [f"  {self.what}"]
        for name, seconds in ((self.ours, self.ours_seconds), (self.theirs, self.theirs_seconds)):
            middle = statistics.median(seconds)
            pace = f"  {self.work / middle:,.0f} {self.unit}/s" if self.work else ""
            lines.append(f"    {name:44} {min(seconds):7.2f} {middle:7.2f} {max(seconds):7.2f} s{pace}")
        figure = f"{self.speed:.2f} times as fast" if self.faster else f"{self.ratio:.2f} times the time"
        aim = f" (aim: {self.aim})" if self.aim else ""
        lines.append(f"    ratio: {figure}{aim}; {len(self.ours_seconds)} rounds; min, median, max above")
        return "\n".join(lines)


def in_turns(comparison: Comparison, ours: Side, theirs: Side, rounds: int) -> Comparison:
    """Fill the comparison."""
    for _ in range(rounds):
        comparison.ours_seconds.append(ours())
        comparison.theirs_seconds.append(theirs())
    return comparison


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
