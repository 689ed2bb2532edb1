"""How long Step Functions waits before it repeats a state: at most MaxDelaySeconds, and less by chance with JitterStrategy FULL.

ministack 1.5.33 ignores both, so a step with many retries takes minutes longer than on AWS.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rehearsal.aws.registry import Registry

Retrier = dict[str, Any]
Find = Callable[[Sequence[Retrier], str, Mapping[int, int]], tuple[Retrier | None, int]]


def install(registry: Registry) -> None:
    """Register it with ministack."""
    find: Find = registry.get_function("stepfunctions", "_find_matching_retrier")

    def find_with_delay(
        retriers: Sequence[Retrier], error: str, counts: Mapping[int, int]
    ) -> tuple[Retrier | None, int]:
        retrier, index = find(retriers, error, counts)
        if retrier is None:
            return None, index
        # It waits IntervalSeconds * BackoffRate ** count.
        return {**retrier, "IntervalSeconds": delay(retrier, counts.get(index, 0)), "BackoffRate": 1.0}, index

    registry.replace_function("stepfunctions", "_find_matching_retrier", find_with_delay)


def delay(retrier: Mapping[str, Any], count: int, draw: Callable[[float, float], float] = random.uniform) -> float:
    """Return the seconds before the next retry after `count` retries."""
    longest = float(retrier.get("IntervalSeconds", 1)) * float(retrier.get("BackoffRate", 2.0)) ** count
    longest = min(longest, float(retrier.get("MaxDelaySeconds", longest)))
    return draw(0.0, longest) if retrier.get("JitterStrategy") == "FULL" else longest
