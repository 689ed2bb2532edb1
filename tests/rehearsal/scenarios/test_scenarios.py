"""Every scenario of the catalogue, in one world that is reset in seconds.

`make test` runs the scenarios marked `always`, `make scenarios` runs all of the provider. ONLY=name,"name[step]"
selects some. KEEP=1 keeps the world, and WORLD=its folder uses a kept world.
"""

from __future__ import annotations

import os

import pytest

from rehearsal.errors import UsageError
from rehearsal.job.selection import select_job_type
from rehearsal.settings import Settings
from tests.rehearsal.scenarios import scenario
from tests.rehearsal.scenarios.cases import run_case
from tests.rehearsal.scenarios.stage import Stage

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(900)]
ALL = bool(os.environ.get("SCENARIOS"))
ONLY = [name for name in os.environ.get("ONLY", "").split(",") if name]


def select_cases() -> list[str]:
    """Return the cases that the environment selects. A wrong selection is one sentence, before a world is created."""
    try:
        settings = Settings.load(os.environ)
        select_job_type(settings)
        shape = settings.shape if settings.source == "existing" else ""
        return scenario.expand_steps(ONLY or scenario.select_names(settings.provider, only_always=not ALL, shape=shape))
    except UsageError as error:
        reason = str(error)
    pytest.fail(reason, pytrace=False)


@pytest.mark.parametrize("name", select_cases())
def test_a_scenario_ends_in_its_expected_state(stage: Stage, name: str, request: pytest.FixtureRequest) -> None:
    run_case(stage, name, request.config)
