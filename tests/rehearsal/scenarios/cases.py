"""Run one case of the catalogue and check its outcome."""

from __future__ import annotations

import pytest

from tests.rehearsal.scenarios import outcome, result_table, scenario
from tests.rehearsal.scenarios.stage import Stage


def run_case(stage: Stage, name: str, config: pytest.Config) -> None:
    """Run the case `name` or `name[step]` after a reset of the world.

    Raises:
        AssertionError: The world is not in the expected state afterwards.
    """
    case = scenario.load_case(name)
    stage.reset(case.scenario.kind)

    found = outcome.evaluate(stage, case.scenario, case.run(stage))

    print(f"{name}: {found}")
    result_table.add_row(config, name, found)
    assert found.problems == []
