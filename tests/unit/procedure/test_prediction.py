"""The predicted window, compared with runs that were recorded in rehearsals."""

from __future__ import annotations

from typing import Any

import pytest
from procedure.logic.prediction import (
    FIXED_SECONDS,
    Measurements,
    compute_turn_seconds,
    count_rows_to_digest,
    predict_window_seconds,
)

# Terms and window of recorded runs. The step `await-go` of the first two recorded its terms (the second has the time of its digest from an
# earlier formula). The others had no gate: their log, files and rows are the times of the steps that contain these reads, so they are upper bounds.
RECORDED: dict[str, tuple[dict[str, float], float]] = {
    "all terms as await-go recorded them": (
        {"turn_seconds": 0.016, "check_seconds": 4.516, "lag_seconds": 1.0, "log_seconds": 0.562, "files_seconds": 0.605, "digest_seconds": 1.461, "rows_to_digest": 3033, "rows_of_all_tables": 3140},
        6.443,
    ),
    "a busy machine, with await-go": (
        {"turn_seconds": 0.063, "check_seconds": 4.191, "log_seconds": 0.623, "files_seconds": 0.54, "digest_seconds": 2.158, "rows_to_digest": 2823, "rows_of_all_tables": 2823},
        7.451,
    ),
    "the stand-in": (
        {"turn_seconds": 0.014, "check_seconds": 1.57, "log_seconds": 0.399, "files_seconds": 0.242, "digest_seconds": 1.929, "rows_to_digest": 1801, "rows_of_all_tables": 1849},
        3.913,
    ),
    "a source that others installed": (
        {"turn_seconds": 0.02, "check_seconds": 1.931, "log_seconds": 0.114, "files_seconds": 1.034, "digest_seconds": 2.546, "rows_to_digest": 672, "rows_of_all_tables": 700},
        6.023,
    ),
}  # fmt: skip
MEASURED: dict[str, float] = {
    "turn_seconds": 0.1,
    "check_seconds": 1.0,
    "lag_seconds": 0.0,
    "log_seconds": 0.5,
    "rows_to_digest": 100,
    "rows_of_all_tables": 1000,
    "digest_seconds": 10.0,
    "files_seconds": 0.2,
}


def predict(**changed: float) -> float:
    return predict_window_seconds(Measurements(**{**MEASURED, **changed}))


@pytest.mark.parametrize("name", RECORDED)
def test_a_prediction_is_longer_than_the_window_and_less_than_twice_as_long(name: str) -> None:
    terms, window = RECORDED[name]

    assert window < predict(**{"lag_seconds": 0.0, **terms}) < 2 * window


def test_the_terms_add_up() -> None:
    assert predict() == round(9 * 0.1 + FIXED_SECONDS + 0.5 + 1.0 + 1.0, 1)


@pytest.mark.parametrize(
    ("changed", "more"),
    [
        ({"lag_seconds": 20.0}, 20.0),
        ({"turn_seconds": 1.1}, 9.0),
        ({"check_seconds": 6.0}, 5.0),
        ({"rows_to_digest": 1000}, 9.0),
        ({"rows_to_digest": 5000}, 9.0),
        ({"files_seconds": 30.0}, 29.5 + 29.0),
    ],
)
def test_each_part_makes_the_window_longer(changed: dict[str, float], more: float) -> None:
    assert predict(**changed) == pytest.approx(predict() + more, abs=0.11)


def test_an_empty_database_needs_no_rows() -> None:
    assert predict(rows_to_digest=0, rows_of_all_tables=0) == pytest.approx(predict() - 0.8, abs=0.11)


def test_the_turn_is_the_mean_time_between_steps() -> None:
    steps = [(0.0, 1.0), (1.1, 5.0), (5.3, 6.0), (5.9, 7.0)]

    assert compute_turn_seconds(steps) == pytest.approx((0.1 + 0.3 + 0.0) / 3)


def test_the_evidence_has_every_term() -> None:
    terms: dict[str, Any] = Measurements(**MEASURED).to_json()

    assert terms == {"fixed_seconds": FIXED_SECONDS, **MEASURED}


def test_of_a_large_table_the_changed_rows_count() -> None:
    rows = {"small": 100, "large": 90_000}

    assert count_rows_to_digest(rows, {"small", "large"}, changes=7, large=50_000) == 107
    assert count_rows_to_digest(rows, None, changes=7, large=50_000) == 90_100
