"""The error of a failed run in CloudFormation: phase, machine, reason, next action."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from common.clients.machines import CommandResult
from custom_resource.runs import format_reason
from procedure.logic.source import DATABASE_FACTS

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.machines import FakeMachines
from tests.unit.procedure.test_before_the_freeze import PROBLEMS
from tests.unit.procedure.world import World

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

CHECK = FakeMachines.DATA["check"]
INVALID_FACTS: dict[str, dict[str, Any]] = {
    "a source that is not as it must be": {
        "mode": "frozen",
        "proxy": "failed",
        "disks": {"/": {"free": 1 << 20, "total": 1 << 30}},
        "database": {**CHECK["database"], "binlog_format": "MIXED", "log_bin": "0", "binlog_retention_seconds": 3600},
    },
    "a database that is not as it must be": {
        "database": {
            **CHECK["database"],
            "log_bin": "0",
            "read_only": "1",
            "server_id": 0,
            "binlog_retention_seconds": None,
        }
    },
    "a database server that is too old": {"database": {**CHECK["database"], "too_old": "MySQL 5.6 is older than 5.7"}},
    "a tool that is older than the procedure": {
        "database": {key: CHECK["database"][key] for key in CHECK["database"] if key not in DATABASE_FACTS}
    },
    "a machine that says nothing of itself": {"database": None, "health": None},
}
"""the invalid facts that both machines return to `check`, in addition to the valid ones"""


def test_problems_that_end_a_run_before_the_freeze(
    execute_in: Callable[[World], Execute], golden: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {name: prepare for name, (prepare, _, _) in PROBLEMS.items()}
    given |= {name: partial(return_facts, facts) for name, facts in INVALID_FACTS.items()}
    lines = []
    for name, prepare in given.items():
        world = World()
        with monkeypatch.context() as patch:
            prepare(world, patch)
            lines += [name, f"    {get_failure(execute_in(world))}"]

    assert "\n".join(lines) == golden


def test_commands_that_fail(execute_in: Callable[[World], Execute], golden: SnapshotAssertion) -> None:
    """The lines are grouped by the verb of the command. After the commit, a failed command is a warning."""
    good = World()
    assert execute_in(good)("cutover").status == "SUCCEEDED"
    lines = []
    for verb in sorted({verb for _, verb, _ in good.sent.values()}):
        world = World()
        world.responses[verb] = failing_response("no room is left")
        result = execute_in(world)("cutover")
        if result.status == "SUCCEEDED":
            lines += [verb, *(f"    warning: {text}" for text in result.state["memory"].get("warnings", []))]
        else:
            lines += [verb, f"    {format_reason(result.status, json.dumps(result.cause))}"]

    assert "\n".join(lines) == golden


def return_facts(facts: dict[str, Any], world: World, _: pytest.MonkeyPatch) -> None:
    world.responses["check"] = lambda *_: CommandResult(ok=True, facts={"ok": True, **CHECK, **facts})


def get_failure(execute: Execute) -> str:
    result = execute("cutover")
    assert result.status == "FAILED"
    return format_reason(result.status, json.dumps(result.cause))
