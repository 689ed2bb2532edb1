"""The workflow for forges runs what CONTRIBUTING.md says, with pinned actions and no more rights than it needs."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.unit.docs.pages import ROOT

WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
PINNED = re.compile(r"[\w-]+/[\w-]+@v\d+\.\d+\.\d+")


def test_every_action_is_pinned_to_a_whole_version() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]

    assert used
    assert [action for action in used if not PINNED.fullmatch(action)] == []


def test_it_may_read_the_repository_and_nothing_else() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in WORKFLOW["jobs"].values())
    assert all(
        step["with"]["persist-credentials"] is False
        for step in STEPS
        if step.get("uses", "").startswith("actions/checkout")
    )


def test_every_job_has_a_time_limit_and_one_runs_everything() -> None:
    assert all(job["timeout-minutes"] for job in WORKFLOW["jobs"].values())
    assert ".ci/run" in [step.get("run") for step in STEPS]


def test_what_ci_runs_is_the_one_command() -> None:
    assert (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()[-1] == "make test"
