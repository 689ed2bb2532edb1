"""The axis of latencies, alike in each plot: logarithmic, with at least two numbers."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

SHORTEST_SECONDS = 0.001
"""what a latency of zero is drawn as: the axis is logarithmic"""
_LEAST_NUMBERS = 2


def scale_latency(axes: Axes, *, room: float = 1.0) -> None:
    """Scale the vertical axis to what has been drawn. `room`: the factor by which the axis is longer at its top.

    The axis has a number at each power of ten. Latencies within one decade have at most one of them, so the axis then gets the nearest ones too.
    """
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    # matplotlib would write wide numbers (2 × 10⁻²) at the lines between, on an axis within one decade alone.
    axes.yaxis.set_minor_formatter(NullFormatter())
    low, high = axes.get_ylim()
    axes.set_ylim(include_powers_of_ten(low, high * room))


def include_powers_of_ten(low: float, high: float) -> tuple[float, float]:
    """Return the limits, wider where fewer than two powers of ten are between them. Both are positive."""
    below, above = math.log10(low), math.log10(high)
    while math.floor(above) - math.ceil(below) + 1 < _LEAST_NUMBERS:
        lower, upper = math.ceil(below) - 1, math.floor(above) + 1
        if below - lower <= upper - above:
            below = lower
        else:
            above = upper
    return 10.0**below, 10.0**above
