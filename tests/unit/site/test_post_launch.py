"""What a launched replica does, and does not do when its run is over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.aws.run_record import Decision
from cutover_site.launch import post_launch
from cutover_site.launch.report import Report


@pytest.mark.parametrize(
    ("decision", "brought", "outcome"),
    [
        (Decision("run-1", ""), ["live"], "pass"),
        (Decision("run-1", "commit"), [], "fail"),
        (Decision("run-1", "rollback"), [], "fail"),
        (Decision("run-2", ""), [], "fail"),
    ],
)
def test_the_live_files_are_written_only_for_a_run_that_is_not_over(
    monkeypatch: pytest.MonkeyPatch, decision: Decision, brought: list[str], outcome: str
) -> None:
    machine: Any = SimpleNamespace(record=SimpleNamespace(read=lambda: decision))
    trees: list[str] = []
    monkeypatch.setattr(post_launch, "forget_source", lambda _machine: None)
    monkeypatch.setattr(post_launch, "bring_files", lambda _machine, mode: trees.append(mode))
    report = Report(run_id="run-1", instance_id="i-1", launch="CUTOVER")

    post_launch.work(machine, report)

    assert trees == brought
    assert report.checks[-1].outcome == outcome
