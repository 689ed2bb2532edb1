"""The axis of latencies has numbers, however narrow the range of the latencies is."""

from __future__ import annotations

import re

import pytest

from operate.report.client import Operation, Outcome
from operate.report.plots.latency import include_powers_of_ten
from operate.report.plots.operations import draw_operations
from operate.report.sections.window import Window
from operate.report.source import Lag
from tests.unit.operate.report.evidence import BEGAN


@pytest.mark.parametrize(
    ("low", "high", "limits"),
    [
        (0.02, 0.05, (0.01, 0.1)),
        (0.02, 0.4, (0.01, 0.4)),
        (0.06, 0.9, (0.06, 1.0)),
        (0.009, 0.11, (0.009, 0.11)),
        (0.001, 2.0, (0.001, 2.0)),
        (0.03, 0.03, (0.01, 0.1)),
        (0.1, 0.1, (0.01, 0.1)),
    ],
)
def test_at_least_two_powers_of_ten_are_on_the_axis(low: float, high: float, limits: tuple[float, float]) -> None:
    assert include_powers_of_ten(low, high) == pytest.approx(limits)


@pytest.mark.parametrize("seconds", [[0.02, 0.05], [0.03, 0.03], [0.0, 0.0]])
def test_operations_within_one_decade_have_two_plain_numbers_beside_them(seconds: list[float]) -> None:
    # Given operations at two moments, whose own numbers are not among those of the axis of latencies
    operations = [
        Operation(BEGAN + start, BEGAN + start + taken, "read", Outcome.DONE, False)
        for start, taken in zip((0.0, 300.0), seconds, strict=True)
    ]

    plot = draw_operations("operations", operations, [], None)

    numbers = re.findall(r">(0\.[0-9]+)</text>", plot.narrow)
    assert len(numbers) >= 2
    assert "mathdefault" not in plot.narrow
    assert "×" not in plot.narrow


def test_lag_without_operations_has_no_empty_axis_of_latencies() -> None:
    plot = draw_operations("operations", [], [Lag(BEGAN, 0.1, 0.2), Lag(BEGAN + 1, 0.1, 0.3)], None)

    assert "lag, s" in plot.wide
    assert "latency" not in plot.wide
    assert "seconds since the first measurement" in plot.wide


def test_a_window_without_operations_is_drawn_as_such() -> None:
    plot = draw_operations("magnified", [], [], Window(BEGAN, BEGAN + 3.0, committed=True), magnified=True)

    assert plot.title.startswith("0 operations over time")
