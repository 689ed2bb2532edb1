"""Two ways to do the same work, measured in turns (A B A B …), so that other load on the machine affects both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Side = Callable[[], float]
"""does the work once and returns the measured seconds"""


@dataclass(frozen=True)
class Comparison:
    """Seconds of each round. `ratio` is our time divided by theirs. `speed` is its inverse."""

    what: str
    ours: str
    theirs: str
    aim: str = ""
    ours_seconds: list[float] = field(default_factory=list)
    theirs_seconds: list[float] = field(default_factory=list)
    work: float = 0.0
    """units of work in one round; 0 means that only seconds count"""
    unit: str = ""
    faster: bool = False
    """the figure is `speed`, not `ratio`"""
    noun: str = "time"
    """what `ratio` compares"""
    figure: str = "s"
    """unit of each side's figures"""

    @property
    def ratio(self) -> float:
        """Return the median of the ratios of the rounds. Both sides of a round run one after the other."""
        pairs = zip(self.ours_seconds, self.theirs_seconds, strict=True)
        return statistics.median(ours / theirs for ours, theirs in pairs)

    @property
    def speed(self) -> float:
        pairs = zip(self.ours_seconds, self.theirs_seconds, strict=True)
        return statistics.median(theirs / ours for ours, theirs in pairs)

    def format_text(self) -> str:
        lines = [f"  {self.what}"]
        for name, seconds in ((self.ours, self.ours_seconds), (self.theirs, self.theirs_seconds)):
            middle = statistics.median(seconds)
            pace = f"  {self.work / middle:,.0f} {self.unit}/s" if self.work else ""
            lines.append(
                f"    {name:44} {min(seconds):7.2f} {middle:7.2f} {max(seconds):7.2f} {self.figure}{pace}".rstrip()
            )
        figure = f"{self.speed:.2f} times as fast" if self.faster else f"{self.ratio:.2f} times the {self.noun}"
        aim = f" (aim: {self.aim})" if self.aim else ""
        lines.append(f"    ratio: {figure}{aim}; {len(self.ours_seconds)} rounds; min, median, max above")
        return "\n".join(lines)


def run_in_turns(comparison: Comparison, ours: Side, theirs: Side, rounds: int) -> Comparison:
    """Run both sides in turns and add their seconds to the comparison."""
    for _ in range(rounds):
        comparison.ours_seconds.append(ours())
        comparison.theirs_seconds.append(theirs())
    return comparison


def time_work(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
