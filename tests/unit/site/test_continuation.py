"""A replica that a later run has taken over copies and reports for that run, once, and not beside the copy of the earlier run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.aws.run_record import Decision
from cutover_site.errors import Refused
from cutover_site.launch import continuation, post_launch
from cutover_site.launch.continuation import FAILED_UNIT, STORED, UNIT
from cutover_site.system import systemd

FIRST, NEXT, REPLICA = "m1-c-1", "m1-c-2", "i-replica"
TAGS = {"cutover:run-id": FIRST, "cutover:launch": "CUTOVER", "cutover:role": "replica"}


class FakeUnits:
    """The units of systemd. Stopping post-launch lets it fail, which starts the unit that reports failures."""

    def __init__(self) -> None:
        self.running = set[str]()
        self.calls: list[str] = []
        self.on_start: Callable[[], None] = lambda: None

    def stop(self, unit: str, *, timeout: float = 60) -> None:
        assert timeout > 90, "systemd itself needs as long until it kills the processes"
        self.calls.append(f"stop {unit}")
        if unit in self.running and unit == UNIT:
            self.running.add(FAILED_UNIT)
        self.running.discard(unit)

    def request_start(self, unit: str) -> None:
        self.calls.append(f"start {unit}")
        self.running.add(unit)
        self.on_start()

    def read_state(self, unit: str) -> str:
        return "activating" if unit in self.running else "inactive"


@pytest.fixture
def units(monkeypatch: pytest.MonkeyPatch) -> FakeUnits:
    made = FakeUnits()
    for name in ("stop", "request_start", "read_state"):
        monkeypatch.setattr(systemd, name, getattr(made, name))
    return made


def make_machine(tmp_path: Path, *, decision: Decision = Decision(NEXT, ""), **tags: str) -> Any:  # noqa: B008 (frozen)
    known = {**TAGS, **{f"cutover:{name.replace('_', '-')}": value for name, value in tags.items()}}
    return SimpleNamespace(
        instance_id=REPLICA,
        tags=known,
        layout=SimpleNamespace(state=tmp_path),
        record=SimpleNamespace(read=lambda: decision),
        has_role=lambda *roles: known["cutover:role"] in roles,
    )


def test_a_replica_works_for_the_run_that_launched_it(tmp_path: Path) -> None:
    assert post_launch.begin_report(make_machine(tmp_path)).run_id == FIRST


def test_a_replica_that_was_taken_over_works_for_its_new_run(tmp_path: Path, units: FakeUnits) -> None:
    machine = make_machine(tmp_path)
    seen: list[str] = []
    units.on_start = lambda: seen.append(post_launch.begin_report(machine).run_id)

    assert continuation.go_on(machine, NEXT, FIRST)

    assert seen == [NEXT], "the run is stored before the unit starts"
    assert units.running == {UNIT}


def test_a_copy_for_the_earlier_run_is_ended_first_and_its_end_is_not_reported(
    tmp_path: Path, units: FakeUnits
) -> None:
    units.running = {UNIT}

    continuation.go_on(make_machine(tmp_path), NEXT, FIRST)

    assert units.calls == [f"stop {UNIT}", f"stop {FAILED_UNIT}", f"start {UNIT}"]
    assert units.running == {UNIT}


def test_a_repeated_command_does_not_begin_again(tmp_path: Path, units: FakeUnits) -> None:
    machine = make_machine(tmp_path)
    continuation.go_on(machine, NEXT, FIRST)

    assert not continuation.go_on(machine, NEXT, FIRST)
    units.running.clear()
    (tmp_path / "report.json").write_text(json.dumps({"run_id": NEXT, "instance_id": REPLICA, "outcome": "pass"}))
    assert not continuation.go_on(machine, NEXT, FIRST)

    assert units.calls.count(f"start {UNIT}") == 1


def test_a_copy_that_has_ended_without_a_report_begins_again(tmp_path: Path, units: FakeUnits) -> None:
    machine = make_machine(tmp_path)
    continuation.go_on(machine, NEXT, FIRST)
    units.running.clear()

    assert continuation.go_on(machine, NEXT, FIRST)


def test_a_report_for_the_earlier_run_does_not_count(tmp_path: Path, units: FakeUnits) -> None:
    (tmp_path / "report.json").write_text(json.dumps({"run_id": FIRST, "instance_id": REPLICA, "outcome": "pass"}))

    assert continuation.go_on(make_machine(tmp_path), NEXT, FIRST)
    assert units.running == {UNIT}


@pytest.mark.parametrize(
    ("tags", "decision", "reason"),
    [
        ({"role": "source-app"}, Decision(NEXT, ""), "not the replica of a cutover"),
        ({"launch": "TEST"}, Decision(NEXT, ""), "not the replica of a cutover"),
        ({"run_id": "m0"}, Decision(NEXT, ""), "run m0 launched i-replica, not run m1-c-1"),
        ({}, Decision(NEXT, "rollback"), "it is decided"),
        ({}, Decision(NEXT, "commit"), "it is decided"),
        ({}, Decision("m1-c-3", ""), "about run m1-c-3"),
    ],
)
def test_it_is_refused_and_nothing_changes(
    tmp_path: Path, units: FakeUnits, tags: dict[str, str], decision: Decision, reason: str
) -> None:
    units.running = {UNIT}
    machine = make_machine(tmp_path, decision=decision, **tags)

    for call in (continuation.check, continuation.go_on):
        with pytest.raises(Refused, match=reason):
            call(machine, NEXT, FIRST)

    assert units.calls == []
    assert not (tmp_path / STORED).exists()


@pytest.mark.usefixtures("units")
def test_what_another_machine_has_stored_on_the_disk_does_not_count(tmp_path: Path) -> None:
    machine = make_machine(tmp_path)
    continuation.go_on(machine, NEXT, FIRST)
    machine.instance_id = "i-copy"

    assert continuation.get_run(machine) == FIRST
    (tmp_path / STORED).write_text("[")
    assert continuation.get_run(machine) == FIRST
