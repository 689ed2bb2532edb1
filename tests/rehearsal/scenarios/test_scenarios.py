"""Every plug pulled once, in one world that is reset in seconds. `make test` runs those marked `always`, `make
scenarios` all of them.

ONLY=name,"name[step]" … runs these. KEEP=1 keeps the world for a look, WORLD=its folder runs in a world that was kept.
"""

from __future__ import annotations

import os

import pytest

from tests.rehearsal.scenarios import account, outcome, scenario
from tests.rehearsal.scenarios.stage import Stage

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(900)]
ALL = bool(os.environ.get("SCENARIOS"))
ONLY = [name for name in os.environ.get("ONLY", "").split(",") if name]
CHOSEN = ONLY or [name for name in scenario.names() if ALL or scenario.load(name).scenario.always]


@pytest.mark.parametrize("name", scenario.cases(CHOSEN))
def test_scenario(stage: Stage, name: str, request: pytest.FixtureRequest) -> None:
    case = scenario.load(name)
    stage.restore(case.scenario.kind)

    found = outcome.look(stage, case.scenario, case.act(stage))

    print(f"{name}: {found}")
    account.add(request.config, name, found)
    assert found.wrong == []
