"""Limits that exclude each other are refused with one sentence: both keys, their values, file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from common.settings import Limits
from settings.limit_relations import RELATIONS, find_broken_relation

from tests.rehearsal.scenarios.limits import LIMITS
from tests.unit.settings.loading import load, number_of, refusal

TEXT = (Path(__file__).parents[3] / "migration.toml").read_text(encoding="utf-8")


def format_limits(**limits: int) -> str:
    return TEXT + "\n[limits]\n" + "".join(f"{key} = {value}\n" for key, value in limits.items())


def test_the_defaults_and_the_limits_of_the_scenarios_meet_every_relation(tmp_path: Path) -> None:
    assert find_broken_relation(Limits()) is None
    assert load(tmp_path, TEXT + LIMITS).limits.freeze_lease == 90


@pytest.mark.parametrize(
    ("limits", "key", "expected"),
    [
        ({"freeze_attempt": 60, "freeze_hold": 60, "freeze_lease": 1800}, "freeze_attempt", "8 × 60 s + 30 s are more than 420 s"),
        ({"freeze_attempts": 200, "freeze_lease": 1800}, "freeze_attempts", "200 × 3 s + 30 s are more than 420 s"),
        ({"stop_writes": 53}, "stop_writes", "8 × 3 s + 30 s are more than 53 s"),
        ({"stop_writes": 490, "freeze_attempts": 150}, "freeze_attempts", "150 × 3 s are more than two thirds of 600 s"),
        ({"freeze_lease": 35, "freeze": 30, "commit_margin": 5}, "freeze_lease", "8 × 3 s are more than two thirds of 35 s"),
        ({"freeze_hold": 3}, "freeze_hold", "3 s are not longer than 3 s"),
        ({"freeze_attempt": 12}, "freeze_attempt", "12 s are not longer than 12 s"),
        ({"commit_margin": 300}, "commit_margin", "300 s are not less than half of 600 s"),
        ({"freeze_lease": 40, "freeze": 30}, "freeze_lease", "20 s are not less than half of 40 s"),
        ({"freeze_lease": 89}, "freeze_lease", "90 s are more than 89 s"),
        ({"freeze": 601}, "freeze", "601 s are more than 600 s"),
    ],
)  # fmt: skip
def test_limits_that_exclude_each_other_are_refused(
    limits: dict[str, int], key: str, expected: str, tmp_path: Path
) -> None:
    text = format_limits(**limits)
    found = refusal(tmp_path, text)

    assert found.startswith(f"site.toml:{number_of(text, f'{key} = ')}: limits.{key}: expected ")
    assert expected in found


@pytest.mark.parametrize(
    "limits",
    [
        {"stop_writes": 54},
        {"freeze_lease": 90},
        {"freeze_lease": 41, "freeze": 41},
        {"freeze_lease": 36, "freeze": 36, "commit_margin": 17},
        {"freeze_hold": 4},
        {"commit_margin": 299},
        {"freeze_attempt": 59, "freeze_hold": 60, "stop_writes": 502, "freeze_lease": 708},
        {"lock_lease": 120},
    ],
)
def test_limits_at_their_bounds_are_accepted(limits: dict[str, int], tmp_path: Path) -> None:
    assert load(tmp_path, format_limits(**limits)).limits.model_dump(exclude_none=True) == limits


def test_each_relation_names_all_of_its_keys() -> None:
    for relation in RELATIONS:
        sentence = relation.expected(Limits())
        assert all(key in sentence for key in relation.keys), sentence


def test_a_lock_that_ends_between_two_invocations_of_a_step_is_refused(tmp_path: Path) -> None:
    assert "limits.lock_lease: expected greater than or equal to 120" in refusal(
        tmp_path, format_limits(lock_lease=119)
    )
