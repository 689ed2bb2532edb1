"""Scenarios with steps are run once for each, and the account of all of them is a table."""

from __future__ import annotations

import inspect

import pytest

from tests.rehearsal.scenarios import account, scenario


def test_every_scenario_can_be_run() -> None:
    """The function of a scenario with steps takes the step, and of another one only the stage."""
    found = scenario.cases(scenario.names())

    assert len(found) > len(scenario.names()) > 70
    for case in found:
        inspect.signature(scenario.load(case).act).bind(object())


def test_a_scenario_has_one_name_and_says_what_is_broken() -> None:
    def launch_fails(_: object) -> None:
        """Nothing."""

    def silent(_: object) -> None: ...

    scenario.names()
    with pytest.raises(ValueError, match="two scenarios are called launch_fails"):
        scenario.Scenario(ends="either")(launch_fails)
    with pytest.raises(ValueError, match="silent does not say what is broken"):
        scenario.Scenario(ends="either")(silent)


def test_a_scenario_with_steps_is_a_case_for_each_unless_one_is_named() -> None:
    found = scenario.cases(["launch_fails", "test_launch_is_deleted", "target_dies[activate]"])

    assert found[0] == "launch_fails"
    assert "test_launch_is_deleted[await-image]" in found
    assert found[-1] == "target_dies[activate]"


def test_the_table_has_a_line_for_each_under_its_heads() -> None:
    rows = [("launch_fails", "not migrated", "412", "1.2 s", ""), ("x", "migrated", "9", "10.0 s", "1.00 s")]

    assert account.table(rows)[0].startswith("scenario      end  ")
    assert account.table(rows)[1:] == [
        "launch_fails  not migrated     412                1.2 s",
        "x             migrated           9               10.0 s                1.00 s",
    ]
