"""The requests of a proxy or of the load balancer over time: how many ended how, and how long they took."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from operate.report.bucket import Bucket
from operate.report.plots.latency import SHORTEST_SECONDS, scale_latency
from operate.report.plots.svg import COLOURS, Plot, draw_plot
from operate.report.sections.window import Window

OUTCOMES = (
    ("answered", "answered", "done"),
    ("refused (4xx)", "client_errors", "other"),
    ("client left", "aborted", "read"),
    ("error (5xx)", "server_errors", "failed"),
)
"""label, attribute, colour; from the axis upwards, so that errors are on top"""
LATENCY_ROOM = 8.0
"""of the axis of latencies: its legend is above the lines"""
LATENCIES = (("median", "median", "done", "-"), ("95 %", "p95", "other", "-"), ("longest", "longest", "held", ""))


def draw_requests(
    name: str,
    who: str,
    buckets: Sequence[Bucket],
    window: Window | None,
    *,
    length: float = 1.0,
    beside: Sequence[Bucket] = (),
) -> Plot:
    """Return the plot of at least one bucket. Time is in seconds since the freeze. `length`: seconds of a bucket; `who` logged them.

    `beside`: buckets of another plot, whose time axis this one gets too.
    """
    zero = window.begin if window else buckets[0].begin

    def draw(figure: Figure, narrow: bool) -> None:
        axes = figure.subplots(2, sharex=True, squeeze=False, height_ratios=[3, 2])
        upper: Axes = axes[0][0]
        lower: Axes = axes[1][0]
        _draw_counts(upper, buckets, zero, length)
        _draw_latencies(lower, buckets, zero, length)
        for one in (upper, lower):
            _shade(one, window)
        unit = "second" if length == 1.0 else f"{length:.0f} s"
        upper.set_ylabel(f"per {unit}" if narrow else f"requests per {unit}")
        upper.yaxis.set_major_locator(MaxNLocator(integer=True))
        upper.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2 if narrow else 6, handletextpad=0.4)
        lower.set_ylabel("latency, s")
        scale_latency(lower, room=LATENCY_ROOM)
        lower.legend(loc="upper left", ncols=3, fontsize=9)
        moments = [one.begin - zero for one in (*buckets, *beside)]
        lower.set_xlim(min(*moments, 0.0) - length, max(moments) + 2 * length)
        lower.set_xlabel("seconds since the freeze" if window else "seconds since the first request")

    return draw_plot(name, describe(who, buckets, window), draw, height=4.4)


def describe(who: str, buckets: Sequence[Bucket], window: Window | None) -> str:
    """Return the text alternative."""
    requests, errors = sum(one.requests for one in buckets), sum(one.server_errors for one in buckets)
    held = sum(one.held for one in buckets)
    longest = max((one.longest for one in buckets if one.longest is not None), default=None)
    slowest = "" if longest is None else f", the longest took {longest:.2f} s"
    text = f"{requests} requests at {who} over time: {errors} errors, {held} held{slowest}. Below: their latency."
    return f"{text} The window is shaded." if window else text


def _draw_counts(axes: Axes, buckets: Sequence[Bucket], zero: float, length: float) -> None:
    x = [one.begin - zero for one in buckets]
    floor = [0] * len(buckets)
    for label, attribute, colour in OUTCOMES:
        values = [int(getattr(one, attribute)) for one in buckets]
        if any(values):
            axes.bar(
                x, values, bottom=floor, width=length, align="edge", color=COLOURS[colour], linewidth=0, label=label
            )
            floor = [one + value for one, value in zip(floor, values, strict=True)]
    held = [(one.begin - zero + length / 2, one.held) for one in buckets if one.held]
    if held:
        axes.plot(
            *zip(*held, strict=True),
            "D",
            color=COLOURS["held"],
            markersize=6,
            markeredgewidth=0,
            label="held, then went on",
        )
    axes.set_ylim(0, max([*floor, 1]) * 1.1)


def _draw_latencies(axes: Axes, buckets: Sequence[Bucket], zero: float, length: float) -> None:
    for label, attribute, colour, line in LATENCIES:
        known = [
            (one.begin - zero + length / 2, max(value, SHORTEST_SECONDS))
            for one in buckets
            if (value := getattr(one, attribute)) is not None
        ]
        if known:
            axes.plot(
                *zip(*known, strict=True), f"{line}o", color=COLOURS[colour], markersize=2.5, linewidth=1.2, label=label
            )


def _shade(axes: Axes, window: Window | None) -> None:
    if window:
        axes.axvspan(0.0, window.seconds or 0.0, color=COLOURS["window"], linewidth=1, zorder=0)
