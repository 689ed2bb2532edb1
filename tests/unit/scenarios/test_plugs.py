"""Before the inspection of a machine, a scenario restores the power and the services that its fault ended, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rehearsal.settings import MARK, Settings
from rehearsal.world import enter
from rehearsal.world.records import Machine, State
from tests.rehearsal.scenarios import opened
from tests.rehearsal.scenarios.plugs import Plugs


class RecordingPlugs(Plugs):
    """Record the commands to machines instead of executing them."""

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
def plugs(monkeypatch: pytest.MonkeyPatch) -> RecordingPlugs:
    monkeypatch.setattr(enter, "machines", machines(source_database="running", source_app="running"))
    return RecordingPlugs()


def test_a_killed_database_service_is_started_for_the_inspection(plugs: RecordingPlugs) -> None:
    plugs.kill_unit("source-database", "mariadb.service")
    plugs.done.clear()
    plugs.bring_back("source-database")
    assert plugs.done == ["source-database: systemctl start mariadb.service"]


def test_a_service_of_another_machine_is_not_started(plugs: RecordingPlugs) -> None:
    """After the commit, Gogs stays stopped on the source. The inspection of the database must not start it."""
    plugs.kill_unit("source-app", "gogs.service")
    plugs.done.clear()
    plugs.bring_back("source-database")
    assert plugs.done == []


def test_a_stopped_machine_is_powered_on_before_its_services_start(
    plugs: RecordingPlugs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enter, "machines", machines(source_database="stopped", source_app="stopped"))
    plugs.killed = {"i-source_database": "10.10.0.5"}
    plugs.ended_units = [("source-database", "mariadb.service")]
    plugs.bring_back("source-database")
    assert plugs.done == ["i-source_database: power", "source-database: systemctl start mariadb.service"]


@pytest.mark.parametrize(("given", "expected"), [({}, 4816), ({"REHEARSAL_PORT": "5000"}, 5000)])
def test_scenarios_use_the_configured_port_or_their_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, given: dict[str, str], expected: int
) -> None:
    monkeypatch.delenv("REHEARSAL_PORT", raising=False)
    monkeypatch.setenv(MARK, "restored after the test")
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert opened.job_in(str(tmp_path)).settings.port == expected
