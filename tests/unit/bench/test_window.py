"""Phases, service time and overhead of a recorded run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.errors import UsageError
from tests.bench import window

RUN = "demo-c-1"


def record(step: str, phase: str, began: float, ended: float, **facts: Any) -> dict[str, Any]:
    return {
        "key": f"runs/{RUN}/{step}.json",
        "run_id": RUN,
        "step": step,
        "phase": phase,
        "outcome": "done",
        "began": f"2026-01-02T03:04:{began:06.3f}Z",
        "ended": f"2026-01-02T03:04:{ended:06.3f}Z",
        "seconds": round(ended - began, 3),
        "facts": facts,
    }


RECORDS = [
    record("lock", "Lock", 0, 0.5, cutover_id="demo"),
    record("await-job", "Launch", 1, 6, job="j"),
    record("await-bulk", "Bulk copy", 6, 6.25, seconds=1.5),
    record("freeze", "Freeze", 10, 12, seconds=1.5),
    record("freeze-database", "Freeze", 12.5, 13, seconds=0.25),
    record("activate", "Activate", 13, 17, instances={"i-1": {"seconds": 1.0}, "i-2": {"seconds": 3.0}}),
    record("accept-live", "Accept", 17.5, 20, checks=[{"name": "a", "seconds": 0.5}, {"name": "b", "seconds": 1.0}]),
    record("commit", "Commit", 20, 20.5, committed="x"),
    {"key": f"runs/{RUN}/outputs.json", "run_id": RUN, "kind": "cutover"},
]


def test_the_window_is_divided_into_phases_service_and_overhead() -> None:
    steps = window.list_steps(RECORDS)[RUN]
    found = window.build_account(RUN, window.select_window(steps))
    assert found.wall == pytest.approx(10.5)
    assert found.phases == pytest.approx({"Freeze": 2.5, "Activate": 4, "Accept": 2.5, "Commit": 0.5})
    assert found.between == pytest.approx(1.0)
    assert found.service == pytest.approx(1.5 + 0.25 + 3.0 + 1.5)
    assert found.overhead == pytest.approx(10.5 - 6.25)
    assert found.unmeasured == pytest.approx({"commit": 0.5})


def test_a_job_counts_in_full_and_work_started_earlier_only_while_the_run_waited() -> None:
    found = window.build_account(RUN, window.list_steps(RECORDS)[RUN])
    assert found.wall == pytest.approx(20.5)
    assert found.service == pytest.approx(5 + 0.25 + 6.25)
    assert set(found.unmeasured) == {"lock", "commit"}


def test_concurrent_steps_count_once() -> None:
    both = [record("freeze", "Freeze", 0, 4, seconds=4), record("commit", "Commit", 1, 5, seconds=4)]
    found = window.build_account(RUN, window.list_steps(both)[RUN])
    assert (found.wall, found.between, found.service) == pytest.approx((5, 0, 5))


def test_a_run_without_a_commit_has_no_window() -> None:
    assert window.select_window(window.list_steps(RECORDS[:5])[RUN]) == []


def test_an_evidence_file_is_reported_as_text(tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    file.write_text(json.dumps({"outcome": "migrated", "steps": RECORDS}))
    report = window.format_text(file)
    assert f"window of {RUN}, freeze to commit" in report
    assert "10.50 s = service 6.25 s + overhead 4.25 s" in report
    assert "commit 0.50 s" in report


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (json.dumps({"outcome": "not migrated", "steps": []}), "has no record of a step"),
        (json.dumps({"outcome": "not migrated"}), "is not the evidence of a run"),
        (json.dumps(["steps"]), "is not the evidence of a run"),
        ("not JSON", "is not the evidence of a run"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_is_no_evidence_of_a_run_is_refused(tmp_path: Path, content: str | None, problem: str) -> None:
    file = tmp_path / "evidence.json"
    if content is not None:
        file.write_text(content)

    with pytest.raises(UsageError, match=rf"evidence\.json {problem}"):
        window.format_text(file)
