"""Every scenario of the catalogue, in one world that is reset in seconds.

`make test` runs the scenarios marked `always`, `make scenarios` runs all. ONLY=name,"name[step]" selects some. KEEP=1
keeps the world, and WORLD=its folder uses a kept world.
"""

from __future__ import annotations

import os

import pytest

from tests.rehearsal.scenarios import outcome, result_table, scenario
from tests.rehearsal.scenarios.stage import Stage

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(900)]
ALL = bool(os.environ.get("SCENARIOS"))
ONLY = [name for name in os.environ.get("ONLY", "").split(",") if name]
SELECTED = ONLY or [name for name in scenario.list_names() if ALL or scenario.load_case(name).scenario.always]


@pytest.mark.parametrize("name", scenario.expand_steps(SELECTED))
def test_a_scenario_ends_in_its_expected_state(stage: Stage, name: str, request: pytest.FixtureRequest) -> None:
    case = scenario.load_case(name)
    stage.reset(case.scenario.kind)

    found = outcome.evaluate(stage, case.scenario, case.run(stage))

    print(f"{name}: {found}")
    result_table.add_row(request.config, name, found)
    assert found.problems == []
