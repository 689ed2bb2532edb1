"""A scenario with steps runs once for each of them, and a table shows the results of all scenarios."""

from __future__ import annotations

import inspect

import pytest

from rehearsal.errors import UsageError
from tests.rehearsal.scenarios import result_table, scenario


def test_every_case_can_be_called_with_a_stage() -> None:
    """The function of a scenario with steps takes the stage and the step, other functions take only the stage."""
    found = scenario.expand_steps(scenario.list_names())

    assert len(found) > len(scenario.list_names()) > 70
    for case in found:
        inspect.signature(scenario.load_case(case).run).bind(object())


def test_a_scenario_needs_a_unique_name_and_a_description_of_its_fault() -> None:
    def launch_fails(_: object) -> None:
        """Nothing."""

    def undocumented(_: object) -> None: ...

    scenario.list_names()
    with pytest.raises(ValueError, match="two scenarios have the name launch_fails"):
        scenario.Scenario(expected_end="either")(launch_fails)
    with pytest.raises(ValueError, match="undocumented has no description of its fault"):
        scenario.Scenario(expected_end="either")(undocumented)


def test_a_scenario_with_steps_has_one_case_for_each_unless_its_name_selects_one() -> None:
    found = scenario.expand_steps(["launch_fails", "test_launch_is_deleted", "target_dies[activate]"])

    assert found[0] == "launch_fails"
    assert "test_launch_is_deleted[await-image]" in found
    assert found[-1] == "target_dies[activate]"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "launch_fail",
            "There is no scenario 'launch_fail': give a function of catalogue/*.py in ONLY, such as launch_fails.",
        ),
        ("target_dies[freeze-all]", "The scenario target_dies has no step 'freeze-all': give one of "),
        ("launch_fails[freeze]", "The scenario launch_fails has no step 'freeze': give its name alone"),
    ],
)
def test_an_unknown_case_is_an_error_that_names_known_ones(name: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        scenario.expand_steps([name])

    assert str(refused.value).startswith(sentence)


def test_every_scenario_runs_with_a_provider_and_those_of_a_provider_are_selected() -> None:
    console, mgn = (set(scenario.select_names(kind, only_always=False)) for kind in ("cloudendure", "mgn"))

    of_shapes = {name for name in scenario.list_names() if scenario.load_case(name).scenario.shapes}
    assert console | mgn == set(scenario.list_names()) - of_shapes
    assert {"launch_fails", "replica_dies"} <= console
    assert {"mgn_launch_fails", "replica_dies"} <= mgn
    assert not {"launch_fails", "name_cannot_be_moved"} & mgn
    assert not {name for name in console if name.startswith("mgn_")}


def test_a_scenario_of_a_shape_runs_with_its_world_alone() -> None:
    name = "managed_database_is_away_when_the_switch_decides"
    for provider in ("cloudendure", "mgn"):
        for only_always in (True, False):
            for shape, is_selected in (("", False), ("spread", False), ("managed", True)):
                found = scenario.select_names(provider, only_always=only_always, shape=shape)
                assert (name in found) is is_selected


def test_make_test_runs_a_scenario_with_the_first_of_its_providers_only() -> None:
    console, mgn = (set(scenario.select_names(kind, only_always=True)) for kind in ("cloudendure", "mgn"))

    assert "function_crashes_after_each_step" in console
    assert mgn
    assert not console & mgn
    assert {name for name in mgn if not name.startswith("mgn_")} == {"replica_dies_in_the_window"}


def test_the_replication_is_stalled_with_each_error_of_mgn() -> None:
    found = scenario.expand_steps(["mgn_replication_is_stalled"])

    assert len(found) == len(set(found)) == 18
    assert "mgn_replication_is_stalled[FAILED_TO_ATTACH_STAGING_DISKS]" in found


def test_the_table_has_one_line_for_each_scenario_below_its_header() -> None:
    rows = [("launch_fails", "not migrated", "412", "1.2 s", ""), ("x", "migrated", "9", "10.0 s", "1.00 s")]

    assert result_table.format_table(rows)[0].startswith("scenario      end  ")
    assert result_table.format_table(rows)[1:] == [
        "launch_fails  not migrated     412                1.2 s",
        "x             migrated           9               10.0 s                1.00 s",
    ]
