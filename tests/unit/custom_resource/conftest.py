from __future__ import annotations

import pytest
from common.clients.runs import Runs

from tests.unit.custom_resource.scene import FakeServices, Scene
from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.dynamo import FakeDynamo


@pytest.fixture
def scene() -> Scene:
    clock = FakeClock()
    return Scene(FakeServices(), Runs(FakeDynamo(), "runs", "gogs", clock=clock), clock)  # type: ignore[arg-type]
