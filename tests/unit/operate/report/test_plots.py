"""The plots as SVG: what they show, and that page and plots share colours and no ids."""

from __future__ import annotations

from matplotlib.figure import Figure

from operate.report.client import Operation, Outcome
from operate.report.plots.operations import MOST_POINTS, draw_operations
from operate.report.plots.phases import draw_phases
from operate.report.plots.svg import COLOURS, draw_plot
from operate.report.sections.phases import Bar
from tests.unit.operate.report.evidence import BEGAN, make_operations


def test_each_operation_is_a_point() -> None:
    # Given 185 operations that are neither held nor failed
    plot = draw_operations("operations", make_operations(failed=1), [], None)

    assert plot.wide.count("h0") == plot.narrow.count("h0") == 185
    # And the others have markers of their own, and one in the legend
    assert plot.wide.count("--plot-held") >= 16
    assert plot.wide.count("--plot-failed") >= 2


def test_the_points_of_many_operations_are_thinned_and_the_plot_notes_it() -> None:
    many = [Operation(BEGAN + number, BEGAN + number + 0.1, "read", Outcome.DONE, False) for number in range(13_000)]
    plot = draw_operations("operations", many, [], None)

    assert plot.wide.count("h0") <= MOST_POINTS
    assert "read (1 of 3)" in plot.wide


def test_a_bar_shows_expected_time_and_failure() -> None:
    done = Bar("verify", "Verify", BEGAN, BEGAN + 2, 4.0, None, "done", False)
    failed = Bar("activate", "Activate", BEGAN + 2, BEGAN + 3, None, None, "failed", True)
    plot = draw_phases("phases", [done, failed], "Two phases.")

    assert "expected: the run before" in plot.wide
    assert "1.00 s failed" in plot.wide
    assert "--plot-failed" in plot.wide


def test_bars_without_any_length_are_drawn() -> None:
    plot = draw_phases(
        "phases", [Bar("lock", "Lock", BEGAN, BEGAN, None, None, "done", False)], "One phase.", by_step=True
    )

    assert "0.00 s" in plot.narrow


def test_every_colour_is_a_variable_of_the_page() -> None:
    plot = draw_operations("operations", make_operations(failed=1), [], None)

    assert not any(colour in plot.wide + plot.narrow for colour in COLOURS.values())
    assert "<style" not in plot.wide


def test_text_is_text_and_no_formula() -> None:
    def draw(figure: Figure, narrow: bool) -> None:
        figure.text(0.5, 0.5, "$x^2$ <b>&" if narrow else "wide")

    assert "$x^2$ &lt;b&gt;&amp;" in draw_plot("name", "title", draw, height=1.0).narrow
