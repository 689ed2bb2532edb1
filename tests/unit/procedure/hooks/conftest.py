"""Both state machines with the step of each point, and a run with hooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from common.hooks import POINTS, Hook
from common.run import Kind

from tests.unit.procedure import conftest
from tests.unit.procedure.asl import Result
from tests.unit.procedure.conftest import build_definitions, run_machine
from tests.unit.procedure.world import SETTINGS, World


@pytest.fixture(scope="session")
def definitions() -> dict[str, Any]:
    """Return both state machines with the step of each point."""
    return build_definitions(hook_points=POINTS)


@pytest.fixture
def run(world: World, definitions: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    def execute(kind: Kind, *hooks: Hook, **options: Any) -> Result:
        monkeypatch.setattr(conftest, "SETTINGS", replace(SETTINGS, hooks=hooks))
        return partial(run_machine, world, definitions)(kind, **options)

    return execute
