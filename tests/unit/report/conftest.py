"""The fixtures of a run that expects the report of its test launch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from common.clients.runs import Runs
from report import handler
from report.service import ReportService

from tests.unit.procedure.clock import FakeClock
from tests.unit.procedure.dynamo import FakeDynamo
from tests.unit.report.scene import RUN, FakeAws, Scene


@pytest.fixture
def scene() -> Scene:
    clock, aws = FakeClock(), FakeAws()
    reported: list[tuple[str, Mapping[str, Any]]] = []
    runs = Runs(FakeDynamo(), "runs", "gogs", clock=clock)  # type: ignore[arg-type]
    runs.acquire(RUN, "test-launch", seconds=900)
    runs.update_facts(RUN, expected_report="TEST", expected_report_until=clock.now() + 600)
    fake: Any = aws

    def log_outcome(what: str, facts: Mapping[str, Any]) -> None:
        assert what in handler.METRICS, "each of these is a metric"
        reported.append((what, facts))

    service = ReportService(
        site="gogs",
        required_checks=(),
        runs=runs,
        compute=fake,
        machines=fake,
        queue=fake,
        clock=clock,
        log_outcome=log_outcome,
    )
    return Scene(service, aws, runs, clock, reported)
