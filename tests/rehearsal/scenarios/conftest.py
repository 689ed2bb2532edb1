"""One world for all tests of this folder: the failing deploy, the complete migration, and every scenario."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from rehearsal.job.rehearse import Job
from tests.rehearsal.scenarios import result_table
from tests.rehearsal.scenarios.stage import Stage
from tests.rehearsal.scenarios.worlds import open_kept_world, replicated_world


@pytest.fixture(scope="session")
def job() -> Iterator[Job]:
    with replicated_world() as created:
        yield created


@pytest.fixture(scope="session")
def stage(request: pytest.FixtureRequest) -> Stage:
    kept = os.environ.get("WORLD")
    return open_kept_world(kept) if kept else Stage.prepare(request.getfixturevalue("job"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if rows := config.stash.get(result_table.ROWS, []):
        terminalreporter.section("scenarios")
        for line in result_table.format_table(rows):
            terminalreporter.write_line(line)
