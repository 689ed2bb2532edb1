"""A scenario with steps runs once for each step, and the results of all cases form a table."""

from __future__ import annotations

import inspect

import pytest

from tests.rehearsal.scenarios import account, scenario


def test_every_scenario_accepts_the_arguments_of_its_case() -> None:
    """The function of a scenario with steps takes the step, and of another one only the stage."""
    found = scenario.cases(scenario.names())

    assert len(found) > len(scenario.names()) > 70
    for case in found:
        inspect.signature(scenario.load(case).act).bind(object())


def test_a_scenario_needs_a_unique_name_and_a_docstring() -> None:
    def launch_fails(_: object) -> None:
        """Nothing."""

    def undocumented(_: object) -> None: ...

    scenario.names()
    with pytest.raises(ValueError, match="two scenarios are called launch_fails"):
        scenario.Scenario(ends="either")(launch_fails)
    with pytest.raises(ValueError, match="undocumented does not say what is broken"):
        scenario.Scenario(ends="either")(undocumented)


def test_a_scenario_with_steps_has_a_case_for_each_step_unless_one_is_selected() -> None:
    found = scenario.cases(["launch_fails", "test_launch_is_deleted", "target_dies[activate]"])

    assert found[0] == "launch_fails"
    assert "test_launch_is_deleted[await-image]" in found
    assert found[-1] == "target_dies[activate]"


def test_the_table_has_a_line_for_each_case_in_aligned_columns() -> None:
    rows = [("launch_fails", "not migrated", "412", "1.2 s", ""), ("x", "migrated", "9", "10.0 s", "1.00 s")]

    assert account.table(rows)[0].startswith("scenario      end  ")
    assert account.table(rows)[1:] == [
        "launch_fails  not migrated     412                1.2 s",
        "x             migrated           9               10.0 s                1.00 s",
    ]
