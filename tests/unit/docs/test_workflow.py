"""The workflow for forges runs the command of CONTRIBUTING.md, with pinned actions and minimal permissions."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.unit.docs.pages import ROOT

WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]
PINNED = re.compile(r"[\w-]+/[\w-]+@v\d+\.\d+\.\d+")


def test_every_action_is_pinned_to_a_full_version() -> None:
    used = [step["uses"] for step in STEPS if "uses" in step]

    assert used
    assert [action for action in used if not PINNED.fullmatch(action)] == []


def test_the_workflow_may_only_read_the_repository() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in WORKFLOW["jobs"].values())
    assert all(
        step["with"]["persist-credentials"] is False
        for step in STEPS
        if step.get("uses", "").startswith("actions/checkout")
    )


def test_every_job_has_a_time_limit_and_one_runs_all_checks() -> None:
    assert all(job["timeout-minutes"] for job in WORKFLOW["jobs"].values())
    assert ".ci/run" in [step.get("run") for step in STEPS]


def test_ci_runs_make_test() -> None:
    assert (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()[-1] == "make test"
