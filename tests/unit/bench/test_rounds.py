"""Alternating rounds of a comparison, and their ratios."""

import pytest

from tests.bench.rounds import Comparison, run_in_turns


def test_the_two_sides_alternate() -> None:
    order: list[str] = []

    def side(name: str, seconds: float) -> float:
        order.append(name)
        return seconds

    run_in_turns(Comparison("", "a", "b"), lambda: side("a", 1), lambda: side("b", 2), 3)
    assert "".join(order) == "ababab"


def test_the_ratio_is_the_median_of_the_ratios_of_the_rounds() -> None:
    found = Comparison("work", "a", "b", ours_seconds=[1.0, 10.0, 3.0], theirs_seconds=[2.0, 10.0, 2.0])
    assert found.ratio == pytest.approx(1.0)
    assert found.speed == pytest.approx(1.0)


def test_a_comparison_is_reported_with_its_range() -> None:
    found = Comparison("work", "a", "b", "2", [1.0, 3.0, 2.0], [4.0, 4.0, 4.0], work=8, unit="rows", faster=True)
    assert "1.00    2.00    3.00 s  4 rows/s" in found.format_text()
    assert "2.00 times as fast (aim: 2); 3 rounds" in found.format_text()
