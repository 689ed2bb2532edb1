"""The rehearsal of an existing source: its plan, and what it says about the checks of the source."""

from __future__ import annotations

import pytest

from rehearsal.job import rehearse
from rehearsal.job.existing import AGAIN, AGENT, ExistingJob, list_blocking
from rehearsal.settings import Settings


@pytest.mark.parametrize(
    ("provider", "alone", "replicated"),
    [
        ("cloudendure", False, []),
        ("cloudendure", True, [rehearse.REPLICATION]),
        ("mgn", False, [rehearse.REPLICATION, AGENT]),
        ("mgn", True, [rehearse.REPLICATION, AGENT]),
    ],
)
def test_the_plan_has_no_demo_and_ends_as_that_of_the_demo_does(
    provider: str, alone: bool, replicated: list[str]
) -> None:
    plan = ExistingJob.build_plan(Settings.load({"REHEARSAL_PROVIDER": provider}), replication_alone=alone)
    after = rehearse.PLAN[rehearse.PLAN.index(rehearse.MIGRATION) :]
    assert rehearse.SOURCE not in plan
    assert plan[plan.index(AGAIN) + 1 :] == [rehearse.CLIENTS, *replicated, *after]


def test_findings_that_were_not_checked_count_as_those_that_stop() -> None:
    findings = [
        {"check": "clock", "level": "unknown"},
        {"check": "ssh", "level": "warning"},
        {"check": "binary-log", "level": "stops"},
    ]
    assert list_blocking({"findings": findings}) == "2 findings (binary-log, clock)"
    assert list_blocking({"findings": findings[1:2]}) == "nothing would stop a migration"
