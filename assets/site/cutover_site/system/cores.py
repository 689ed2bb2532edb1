"""Count the processor cores of this machine that nobody uses."""

from __future__ import annotations

import os


def count_idle_cores() -> int:
    """Return how many cores of this machine were idle in the last minute, rounded, 0 when all were at work.

    The load average also counts processes that wait for a disk. A machine that is busy with its disks should not get more work either.
    """
    return compute_idle_cores(len(os.sched_getaffinity(0)), os.getloadavg()[0])


def compute_idle_cores(cores: int, load: float) -> int:
    """Return the whole number of cores that a load average leaves. Half a core in use does not take a core."""
    return max(0, round(cores - load))
