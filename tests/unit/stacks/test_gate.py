"""The table [cutover]: what it adds to the templates, and that nothing is added without it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from settings import Settings

from tests.unit.sources.tables import CONFIGURATION
from tests.unit.stacks.conftest import Templates, synthesize

TABLE = '[cutover]\ngo = "manual"\nmax_window_seconds = 60\n'


@pytest.fixture(scope="module")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    path = tmp_path_factory.mktemp("settings") / "site.toml"
    path.write_text(f"{CONFIGURATION.read_text(encoding='utf-8')}\n{TABLE}", encoding="utf-8")
    return synthesize(Settings.load(path))


def test_the_cutover_waits_before_its_freeze_and_the_test_launch_does_not(gated: Templates) -> None:
    waiting = {
        name
        for name, _, machine in gated.everywhere("AWS::StepFunctions::StateMachine")
        if "await-go" in json.dumps(machine)
    }
    assert waiting == {"MigrationStack"}


def test_the_functions_that_take_part_in_runs_know_the_gate(gated: Templates) -> None:
    known = {
        json.loads(value)["go"]
        for _, _, function in gated.everywhere("AWS::Lambda::Function")
        if (value := function["Properties"].get("Environment", {}).get("Variables", {}).get("CUTOVER_GATE"))
    }
    assert known == {"manual"}


def test_a_gate_needs_no_permission_that_a_run_without_one_has_not(gated: Templates) -> None:
    plain = synthesize(Settings.load(Path(CONFIGURATION)))

    for (name, key, policy), (_, _, before) in zip(
        gated.everywhere("AWS::IAM::Policy"), plain.everywhere("AWS::IAM::Policy"), strict=True
    ):
        assert policy == before, (name, key)


def test_without_the_table_nothing_of_it_is_in_any_template() -> None:
    plain = synthesize(Settings.load(Path(CONFIGURATION)))
    text = json.dumps(plain.by_name)
    assert "await-go" not in text
    assert "CUTOVER_GATE" not in text
