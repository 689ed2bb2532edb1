"""What a scenario's fault took away is brought back before it is looked at, and only that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rehearsal.settings import MARK, Settings
from rehearsal.world import enter
from rehearsal.world.records import Machine, State
from tests.rehearsal.scenarios import opened
from tests.rehearsal.scenarios.plugs import Plugs


class Recorded(Plugs):
    """Records what is done to machines."""

    def __init__(self) -> None:
        super().__init__(Settings.load({}), None)  # type: ignore[arg-type]
        self.done: list[str] = []

    def on(self, machine: str, *command: str) -> str:
        self.done.append(f"{machine}: {' '.join(command)}")
        return ""

    def power_on(self, machine: str) -> None:
        self.done.append(f"{machine}: power")


def machines(**states: State) -> Any:
    return lambda _: [
        Machine(id=f"i-{role}", role=role.replace("_", "-"), state=state, name="", ip="", disk=Path(), leader=None)
        for role, state in states.items()
    ]


@pytest.fixture
def plugs(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    monkeypatch.setattr(enter, "machines", machines(source_database="running", source_app="running"))
    return Recorded()


def test_a_database_server_that_was_killed_is_started_to_be_looked_at(plugs: Recorded) -> None:
    plugs.kill_unit("source-database", "mariadb.service")
    plugs.done.clear()
    plugs.bring_back("source-database")
    assert plugs.done == ["source-database: systemctl start mariadb.service"]


def test_what_the_fault_did_not_end_is_left_as_it_is(plugs: Recorded) -> None:
    """After the commit Gogs is stopped at the source for good: nobody starts it again to look at the database."""
    plugs.kill_unit("source-app", "gogs.service")
    plugs.done.clear()
    plugs.bring_back("source-database")
    assert plugs.done == []


def test_a_machine_without_power_is_started_first(plugs: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enter, "machines", machines(source_database="stopped", source_app="stopped"))
    plugs.killed = {"i-source_database": "10.10.0.5"}
    plugs.ended_units = [("source-database", "mariadb.service")]
    plugs.bring_back("source-database")
    assert plugs.done == ["i-source_database: power", "source-database: systemctl start mariadb.service"]


@pytest.mark.parametrize(("given", "expected"), [({}, 4816), ({"REHEARSAL_PORT": "5000"}, 5000)])
def test_the_world_of_the_scenarios_is_on_the_ports_that_are_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, given: dict[str, str], expected: int
) -> None:
    monkeypatch.delenv("REHEARSAL_PORT", raising=False)
    monkeypatch.setenv(MARK, "put back afterwards")
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert opened.job_in(str(tmp_path)).settings.port == expected
