"""Machines that wait conditions stand for are started side by side, as CloudFormation does."""

from __future__ import annotations

from typing import Any

import pytest
from ministack.services.cloudformation import engine, stacks  # type: ignore[import-untyped]

from rehearsal.aws.cloudformation import creation_order


def resource(kind: str, *depends_on: str) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "DependsOn": list(depends_on)}


RESOURCES = {
    "ADatabase": resource("EC2::Instance"),
    "AWait": resource("CloudFormation::WaitCondition", "ADatabase"),
    "BServer": resource("EC2::Instance"),
    "BWait": resource("CloudFormation::WaitCondition", "BServer"),
    "CNeedsDatabase": resource("SNS::Topic", "AWait"),
}


def test_a_wait_condition_comes_after_all_that_does_not_need_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "_topological_sort", engine._topological_sort)
    assert stacks._topological_sort(RESOURCES, {})[:2] == ["ADatabase", "AWait"], "ministack needs no change any more"
    creation_order.install()
    assert stacks._topological_sort(RESOURCES, {}) == ["ADatabase", "BServer", "AWait", "CNeedsDatabase", "BWait"]


def test_a_circle_is_still_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "_topological_sort", engine._topological_sort)
    creation_order.install()
    with pytest.raises(ValueError, match="Circular"):
        stacks._topological_sort({"A": resource("SNS::Topic", "B"), "B": resource("SNS::Topic", "A")}, {})


def test_a_resource_with_a_false_condition_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "_topological_sort", engine._topological_sort)
    creation_order.install()
    resources = {**RESOURCES, "Never": {**resource("SNS::Topic"), "Condition": "IsNever"}}
    assert "Never" not in stacks._topological_sort(resources, {"IsNever": False})
