"""The reference and the runbook describe each step of the plan and each limit, with its name, number and default."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from common.settings import Limits
from procedure import evidence_names, plan
from settings.limits import Limits as LimitsOfTheFile

from tests.unit.docs.pages import page

REFERENCE, RUNBOOK = page("docs/reference.md"), page("docs/runbook.md")
DEFAULTS = {field.name: field.default for field in fields(Limits)}
FORWARD = {"test-launch": plan.TEST_LAUNCH, "cutover": plan.CUTOVER}
IN_BOTH = {step.name for step in plan.TEST_LAUNCH} & {step.name for step in plan.CUTOVER}
"""described once, in the section of the first of the two runs"""
NUMBERED = re.compile(r"\d\d-[a-z-]+")


def test_the_reference_describes_every_step_in_the_order_of_the_plan() -> None:
    described = [
        (row[0].spans[0], row[1].text, row[2].spans[0], row[3].spans)
        for row in REFERENCE.table("Steps of the procedure")
    ]

    assert described == [(step.name, step.phase, step.limit, tuple(step.undone_by or ())) for step in plan.ALL.values()]


def test_the_reference_describes_every_limit_with_its_default() -> None:
    described = {row[0].spans[0]: int(row[1].text) for row in REFERENCE.table("Limits of a run")}

    assert described == DEFAULTS
    assert described.keys() == LimitsOfTheFile.model_fields.keys()


@pytest.mark.parametrize("kind", FORWARD)
def test_the_runbook_describes_every_step_by_the_name_of_its_evidence(kind: str) -> None:
    described = {span for span in RUNBOOK.spans() if NUMBERED.fullmatch(span)}
    expected = {
        evidence_names.format_evidence_name(kind, step.name) for step in FORWARD[kind] if step.name not in IN_BOTH
    }

    assert expected <= described
    assert described <= {evidence_names.format_evidence_name(each, step) for each in FORWARD for step in plan.ALL}


def test_every_limit_in_the_runbook_equals_the_default() -> None:
    text = RUNBOOK.path.read_text(encoding="utf-8")
    named = [(name, int(number)) for name, number in re.findall(r"`(\w+)` (?:at most )?(\d+)", text)]
    limits = [(name, number) for name, number in named if name in DEFAULTS]

    assert {"freeze", "drain", "freeze_lease", "commit_margin"} <= {name for name, _ in limits}
    assert [(name, number) for name, number in limits if DEFAULTS[name] != number] == []
