"""Each operation of the client as a point over time, and the lag of the replication below it on the same axis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from operate.report.client import Operation, Outcome
from operate.report.plots.latency import SHORTEST_SECONDS, scale_latency
from operate.report.plots.svg import COLOURS, Plot, draw_plot
from operate.report.sections.window import Window
from operate.report.source import Lag

MOST_POINTS = 6000
"""points of plain operations in one plot: more of them are one dark band, and make the page slow"""
AROUND_WINDOW_SECONDS = 12.0
LEGEND_ROOM = 1.6
"""of the axis of the lag: its legend is above the line"""


def draw_operations(
    name: str, operations: Sequence[Operation], lag: Sequence[Lag], window: Window | None, *, magnified: bool = False
) -> Plot:
    """Return the plot. Time is in seconds since the freeze, or since the first operation of a run without one.

    `magnified`: only the window and AROUND_WINDOW_SECONDS on both sides of it.
    """
    zero = window.begin if window else min([one.start for one in operations] + [one.time for one in lag], default=0.0)
    first, last = -AROUND_WINDOW_SECONDS, AROUND_WINDOW_SECONDS + ((window.seconds or 0.0) if window else 0.0)
    if magnified:
        operations = [one for one in operations if one.end - zero >= first and one.start - zero <= last]
        lag = []

    has_latencies, has_lag = bool(operations) or not lag, bool(lag)

    def draw(figure: Figure, narrow: bool) -> None:
        heights = [3] * has_latencies + [1] * has_lag
        rows: list[Axes] = list(figure.subplots(len(heights), sharex=True, squeeze=False, height_ratios=heights)[:, 0])
        if has_latencies:
            _draw_latencies(rows[0], operations, zero, window, narrow=narrow)
        if has_lag:
            _draw_lag(rows[-1], lag, zero, window)
        start = "the freeze" if window else "the first operation" if operations else "the first measurement"
        rows[-1].set_xlabel(f"seconds since {start}")
        if magnified:
            rows[0].set_xlim(first, last)

    height = 4.6 if has_latencies and has_lag else 3.6 if has_latencies else 1.6
    return draw_plot(name, describe(operations, lag, window), draw, height=height)


def describe(operations: Sequence[Operation], lag: Sequence[Lag], window: Window | None) -> str:
    """Return the text alternative."""
    if lag and not operations:
        return f"The lag of the replication of rows at {len(lag)} moments."
    failed = sum(one.outcome is Outcome.FAILED for one in operations)
    held = sum(one.held is True for one in operations)
    longest = max((one.seconds for one in operations), default=0.0)
    text = f"{len(operations)} operations over time by their latency: {failed} failed, {held} held, the longest took {longest:.2f} s."
    if window:
        text += " The window is shaded."
    return f"{text} Below: the lag of the replication of rows at {len(lag)} moments." if lag else text


def _draw_latencies(
    axes: Axes, operations: Sequence[Operation], zero: float, window: Window | None, *, narrow: bool
) -> None:
    _draw_points(axes, operations, zero)
    _shade(axes, window, label="window")
    scale_latency(axes)
    axes.set_ylabel("latency, s" if narrow else "latency in seconds")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2 if narrow else 6, handletextpad=0.4)


def _draw_points(axes: Axes, operations: Sequence[Operation], zero: float) -> None:
    plain = [one for one in operations if one.outcome is Outcome.DONE and not one.held]
    for label, colour, chosen in (
        ("read", "read", [one for one in plain if not one.writes]),
        ("write", "done", [one for one in plain if one.writes]),
    ):
        if chosen:
            step = -(-len(chosen) // MOST_POINTS)
            _draw_dots(axes, chosen[::step], zero, COLOURS[colour])
            thinned = f" (1 of {step})" if step > 1 else ""
            axes.plot([], [], "o", color=COLOURS[colour], markersize=4, label=label + thinned)
    for label, colour, marker, chosen in (
        ("held write", "held", "D", [one for one in operations if one.outcome is Outcome.DONE and one.held]),
        ("error of the site", "other", "^", [one for one in operations if one.outcome is Outcome.SITE_ERROR]),
        ("failed", "failed", "X", [one for one in operations if one.outcome is Outcome.FAILED]),
    ):
        if chosen:
            x, y = [one.end - zero for one in chosen], [max(one.seconds, SHORTEST_SECONDS) for one in chosen]
            axes.plot(x, y, marker, color=COLOURS[colour], markersize=6, markeredgewidth=0, label=label)


def _draw_dots(axes: Axes, operations: Iterable[Operation], zero: float, colour: str) -> None:
    """Draw the points as one path of lines without length, whose round ends are dots. A marker for each would make the page much larger."""
    vertices, codes = [], []
    for one in operations:
        x, y = one.end - zero, max(one.seconds, SHORTEST_SECONDS)
        vertices += [(x, y), (x + 1e-6, y)]
        codes += [Path.MOVETO, Path.LINETO]
    axes.add_patch(
        PathPatch(Path(vertices, codes), edgecolor=colour, facecolor="none", linewidth=3.0, capstyle="round")
    )
    axes.update_datalim(vertices)
    axes.autoscale_view()


def _draw_lag(axes: Axes, lag: Sequence[Lag], zero: float, window: Window | None) -> None:
    for label, colour, points in (
        ("source", "read", [(one.time, one.source_seconds) for one in lag]),
        ("target", "done", [(one.time, one.target_seconds) for one in lag]),
    ):
        known = [(time - zero, seconds) for time, seconds in points if seconds is not None]
        if known:
            axes.plot(*zip(*known, strict=True), "-o", color=COLOURS[colour], markersize=3, linewidth=1.5, label=label)
    _shade(axes, window)
    longest = max((value for one in lag for value in (one.source_seconds, one.target_seconds) if value), default=1.0)
    axes.set_ylim(0, LEGEND_ROOM * longest)
    axes.set_ylabel("lag, s")
    axes.legend(loc="upper left", ncols=2, fontsize=9)


def _shade(axes: Axes, window: Window | None, label: str | None = None) -> None:
    if window:
        end = window.seconds if window.seconds is not None else 0.0
        axes.axvspan(0.0, end, color=COLOURS["window"], linewidth=1, zorder=0, label=label)
