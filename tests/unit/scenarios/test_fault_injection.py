"""Before the checks, only the machines and units that a fault ended are started again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rehearsal.settings import MARK, Settings
from rehearsal.world import enter
from rehearsal.world.records import Machine, State
from tests.rehearsal.scenarios import worlds
from tests.rehearsal.scenarios.fault_injection import FaultInjector


class RecordingInjector(FaultInjector):
    """Records the actions on machines."""

    def __init__(self) -> None:
        super().__init__(Settings.load({}), None)  # type: ignore[arg-type]
        self.actions: list[str] = []

    def run_on(self, machine: str, *command: str) -> str:
        self.actions.append(f"{machine}: {' '.join(command)}")
        return ""

    def power_on(self, machine: str) -> None:
        self.actions.append(f"{machine}: power")


def machines(**states: State) -> Any:
    return lambda _: [
        Machine(id=f"i-{role}", role=role.replace("_", "-"), state=state, name="", ip="", disk=Path(), leader=None)
        for role, state in states.items()
    ]


@pytest.fixture
def injector(monkeypatch: pytest.MonkeyPatch) -> RecordingInjector:
    monkeypatch.setattr(enter, "list_machines", machines(source_database="running", source_app="running"))
    return RecordingInjector()


def test_a_killed_database_server_is_started_for_the_checks(injector: RecordingInjector) -> None:
    injector.kill_unit("source-database", "mariadb.service")
    injector.actions.clear()
    injector.restart_killed("source-database")
    assert injector.actions == ["source-database: systemctl start mariadb.service"]


def test_a_unit_of_another_machine_is_not_started(injector: RecordingInjector) -> None:
    """After the commit Gogs stays stopped on the source. The checks of the database do not start it."""
    injector.kill_unit("source-app", "gogs.service")
    injector.actions.clear()
    injector.restart_killed("source-database")
    assert injector.actions == []


def test_a_machine_without_power_is_started_before_its_units(
    injector: RecordingInjector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enter, "list_machines", machines(source_database="stopped", source_app="stopped"))
    injector.powered_off = {"i-source_database": "10.10.0.5"}
    injector.killed_units = [("source-database", "mariadb.service")]
    injector.restart_killed("source-database")
    assert injector.actions == ["i-source_database: power", "source-database: systemctl start mariadb.service"]


@pytest.mark.parametrize(("given", "expected"), [({}, 4816), ({"REHEARSAL_PORT": "5000"}, 5000)])
def test_the_world_of_the_scenarios_uses_the_requested_port(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, given: dict[str, str], expected: int
) -> None:
    monkeypatch.delenv("REHEARSAL_PORT", raising=False)
    monkeypatch.setenv(MARK, "restored afterwards")
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert worlds.make_job(str(tmp_path)).settings.port == expected
