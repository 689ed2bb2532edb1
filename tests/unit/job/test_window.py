"""The steps of the window are those that ran while no write was acknowledged, independent of their names."""

from typing import Any

from rehearsal.job.window import Spent, list_spent


def record(step: str, began: int, ended: int) -> dict[str, Any]:
    times = {"began": f"2026-01-01T10:00:{began:02}.000Z", "ended": f"2026-01-01T10:00:{ended:02}.000Z"}
    return {"step": step, "phase": step.title(), "seconds": float(ended - began), **times}


def test_the_steps_of_the_window_are_in_order_with_the_time_outside_it() -> None:
    # Given a time without writes from 10:00:05 to 10:00:15, and records in another order, one of which is no step
    records = [record("delta", 9, 11), record("freeze", 3, 9), record("verify", 1, 3), record("after", 14, 20), {"key": "outputs"}]  # fmt: skip
    began = 1767261605.0
    # Then the result has the steps that overlap it, with their time outside it
    assert list_spent(records, began, 10.0) == [
        Spent("freeze", "Freeze", 6.0, 2.0),
        Spent("delta", "Delta", 2.0, 0.0),
        Spent("after", "After", 6.0, 5.0),
    ]
