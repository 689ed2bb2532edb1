"""The clients of a warm function: parameters are those of the run that it works for."""

from __future__ import annotations

import boto3
from procedure.toolbox import Services

from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.world import SETTINGS


def test_parameters_are_read_again_for_each_run() -> None:
    services = Services(SETTINGS, FakeClock(), boto3.session.Session(region_name="us-east-1"))
    services.begin("run-1")
    first = services.parameters

    services.begin("run-1")
    assert services.parameters is first
    services.begin("run-2")
    assert services.parameters is not first
