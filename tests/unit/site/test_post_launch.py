"""The stages of a launched replica, and their omission when the run is over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site import service
from cutover_site.aws.run_record import Decision
from cutover_site.database import scratch
from cutover_site.launch import post_launch, site_secret
from cutover_site.launch.report import Report
from cutover_site.layout import Layout


@pytest.mark.parametrize(
    ("decision", "copied", "outcome"),
    [
        (Decision("run-1", ""), ["live"], "pass"),
        (Decision("run-1", "commit"), [], "fail"),
        (Decision("run-1", "rollback"), [], "fail"),
        (Decision("run-2", ""), [], "fail"),
    ],
)
@pytest.mark.parametrize("launch", ["TEST", "CUTOVER"])
def test_files_are_copied_only_for_an_undecided_run(
    monkeypatch: pytest.MonkeyPatch, decision: Decision, copied: list[str], outcome: str, launch: str
) -> None:
    machine: Any = SimpleNamespace(layout=Layout(), record=SimpleNamespace(read=lambda: decision))
    trees: list[str] = []
    monkeypatch.setattr(post_launch, "remove_source_state", lambda _machine: None)
    monkeypatch.setattr(post_launch, "copy_files", lambda _machine, mode: trees.append(mode))
    monkeypatch.setattr(post_launch, "read_target_application_login", lambda _machine: None)
    monkeypatch.setattr(site_secret, "copy_to_target", lambda _machine: True)
    monkeypatch.setattr(scratch, "copy", lambda _server, _database: trees.append("schema"))
    for name in ("reconfigure", "run_acceptance"):
        monkeypatch.setattr(post_launch, name, lambda _machine: [])
    monkeypatch.setattr(service, "start", lambda _application: None)
    report = Report(run_id="run-1", instance_id="i-1", launch=launch)

    post_launch.run_stages(machine, report)

    if launch == "TEST":
        copied = ["scratch", "schema"] if copied else []
    assert trees == copied
    assert report.checks[-1].outcome == outcome
