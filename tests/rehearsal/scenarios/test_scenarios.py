"""Every scenario of the catalogue, in one world that is reset in seconds.

`make test` runs the scenarios marked `always`, `make scenarios` runs all of the provider. ONLY=name,"name[step]"
selects some. KEEP=1 keeps the world, and WORLD=its folder uses a kept world.
"""

from __future__ import annotations

import os

import pytest

from rehearsal.settings import Settings
from tests.rehearsal.scenarios import scenario
from tests.rehearsal.scenarios.cases import run_case
from tests.rehearsal.scenarios.stage import Stage

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(900)]
ALL = bool(os.environ.get("SCENARIOS"))
ONLY = [name for name in os.environ.get("ONLY", "").split(",") if name]
SELECTED = ONLY or scenario.select_names(Settings.load(os.environ).provider, only_always=not ALL)


@pytest.mark.parametrize("name", scenario.expand_steps(SELECTED))
def test_a_scenario_ends_in_its_expected_state(stage: Stage, name: str, request: pytest.FixtureRequest) -> None:
    run_case(stage, name, request.config)
