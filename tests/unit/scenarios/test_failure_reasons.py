"""The parts that the error of a failed deploy must name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rehearsal.scenarios.failure_reasons import find_missing_parts

GOOD = "Received response status [FAILED] from custom resource. Delta on i-1: no room is left. Next: deploy again"


def failed(machine: str, ended: str = "2026-01-01T00:00:00+00:00") -> dict[str, Any]:
    return {"outcome": "failed", "ended": ended, "facts": {"machine": machine}}


def test_an_error_with_phase_machine_and_next_action_is_complete() -> None:
    assert find_missing_parts(GOOD, [failed("i-1")], {"i-2": "10.0.0.2", "i-1": "10.0.0.1"}) == []
    assert find_missing_parts("Step drain: the execution ended as ABORTED: by hand. Next: look at it", [], {}) == []
    assert find_missing_parts("Drain: 10.0.0.2 is silent. Next: deploy again", [], {"i-2": "10.0.0.2"}) == []


@pytest.mark.parametrize(
    ("reason", "missing"),
    [
        ("Something on i-1: no room is left. Next: deploy again", "names no phase"),
        ("the Delta on i-1: no room is left. Next: deploy again", "names no phase"),
        ("Delta on i-1: no room is left", "no next action"),
        ("Delta: no room is left. Next: deploy again", "does not name i-1"),
        ("Delta: no room is left. Next: deploy again", "names none of i-2"),
    ],
)
def test_each_missing_part_is_reported(reason: str, missing: str) -> None:
    assert any(missing in one for one in find_missing_parts(reason, [failed("i-1")], {"i-2": "10.0.0.2"}))


def test_the_error_must_name_the_machine_of_the_first_failure() -> None:
    later = failed("i-9", "2026-01-01T00:00:09+00:00")

    assert find_missing_parts(GOOD, [later, failed("i-1")], {}) == []
