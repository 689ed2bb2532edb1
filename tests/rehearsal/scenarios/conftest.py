"""One world for all tests of this folder, made once: the failing deploy, the plain migration, every scenario."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from rehearsal.job.rehearse import Job
from tests.rehearsal.scenarios import account
from tests.rehearsal.scenarios.opened import again, replicated
from tests.rehearsal.scenarios.stage import Stage


@pytest.fixture(scope="session")
def job() -> Iterator[Job]:
    with replicated() as made:
        yield made


@pytest.fixture(scope="session")
def stage(request: pytest.FixtureRequest) -> Stage:
    kept = os.environ.get("WORLD")
    return again(kept) if kept else Stage.prepared(request.getfixturevalue("job"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if rows := config.stash.get(account.ROWS, []):
        terminalreporter.section("scenarios")
        for line in account.table(rows):
            terminalreporter.write_line(line)
