"""Phases and steps as bars over the time of the run."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from operate.report.formatting import format_seconds
from operate.report.plots.svg import COLOURS, Plot, draw_plot
from operate.report.sections.phases import Bar

ROW_INCHES = 0.3
SHORTEST_SHARE = 0.004
"""of the axis: a bar that is shorter would not be seen"""


def draw_phases(name: str, bars: Sequence[Bar], title: str, *, by_step: bool = False) -> Plot:
    """Return the bars from top to bottom in their order. `by_step`: each bar is named by its step, else by its phase."""
    zero = min(one.began for one in bars)
    span = max(max(one.ended, one.began + (one.expected_seconds or 0.0)) for one in bars) - zero or 1.0

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.subplots()
        rows = range(len(bars))
        for row, one in zip(rows, bars, strict=True):
            colour = "failed" if one.outcome == "failed" else "held" if one.in_window else "done"
            length = max(one.seconds, span * SHORTEST_SHARE)
            axes.barh(row, length, left=one.began - zero, height=0.55, color=COLOURS[colour])
            end = one.began - zero + length
            if one.expected_seconds is not None:
                axes.barh(row, max(one.expected_seconds, span * SHORTEST_SHARE), left=one.began - zero, height=0.85,
                          facecolor="none", edgecolor=COLOURS["expected"], linewidth=1.2)  # fmt: skip
                end = max(end, one.began - zero + one.expected_seconds)
            failed = " failed" if one.outcome == "failed" else ""
            axes.text(end + span * 0.01, row, f"{format_seconds(one.seconds)}{failed}", va="center", fontsize=8 if narrow else 9)  # fmt: skip
        names = [one.name if by_step else one.label for one in bars]
        axes.set_yticks(list(rows), [_shorten(name) if narrow else name for name in names])
        axes.tick_params(axis="y", length=0, labelsize=8 if narrow else 10)
        axes.set_ylim(len(bars) - 0.4, -0.6)
        axes.set_xlim(0, span * (1.45 if narrow else 1.14))
        axes.grid(visible=False, axis="y")
        axes.set_xlabel("seconds since the first bar" if narrow else "seconds since the begin of the first bar")
        if any(one.expected_seconds is not None for one in bars):
            handles = [Patch(color=COLOURS["done"], label="this run"),
                       Patch(facecolor="none", edgecolor=COLOURS["expected"], label="expected: the run before")]  # fmt: skip
            axes.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=2, fontsize=9)

    return draw_plot(name, title, draw, height=1.1 + ROW_INCHES * len(bars))


def _shorten(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"
