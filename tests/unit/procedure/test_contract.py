"""What the procedure sends is what the machines understand, and what both write into the run record is the same."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import get_args

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "assets/site"))

from common.clients import run_record as record
from common.clients.machines import build_command_line
from custom_resource.resources.database import VERB
from cutover_site.aws import milestone_names, run_record
from cutover_site.cli import build_parser
from cutover_site.database import connection_group
from cutover_site.freeze import dead_man
from cutover_site.verbs import ALL
from procedure.commands import MILESTONE_WAIT_SECONDS
from procedure.state.commands import Command
from procedure.steps import table_digests

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import boom
from tests.unit.procedure.world import World

PARSER = build_parser(ALL, ["ssh"])


def understood(verb: str, options: dict[str, str | int | bool]) -> None:
    words = shlex.split(build_command_line(verb, options))
    assert words[0] == "/opt/cutover/bin/cutover-site"
    PARSER.parse_args(words[1:])  # exits with 2, which fails the test, when it does not know a word


@pytest.mark.parametrize("kind", ["test-launch", "cutover"])
def test_every_command_of_a_run_is_accepted_by_the_machine(world: World, execute: Execute, kind: str) -> None:
    execute(kind)

    assert world.sent
    for _, verb, options in world.sent.values():
        understood(verb, options)


def test_every_command_of_a_rollback_is_accepted_by_the_machine(world: World, execute: Execute) -> None:
    def crash(step: str) -> None:
        if step == "commit":
            boom("crashed")()

    execute("cutover", before=crash)

    verbs = {verb for _, verb, _ in world.sent.values()}
    assert {"thaw", "deny-delta", "activate"} <= verbs
    for _, verb, options in world.sent.values():
        understood(verb, options)


def test_every_command_of_the_plan_is_a_verb_of_the_machine_tool() -> None:
    assert {command.verb for command in Command} <= {verb.name for verb in ALL}


def test_the_other_commands_are_accepted_by_the_machine() -> None:
    understood("prepare-image", {})
    understood(VERB, {})
    understood(VERB, {"site": "gogs"})
    understood("renew", {"run": "m1-c-1", "lease": 600})
    understood(
        "hook",
        {
            "run": "m1-c-1",
            "point": "before-freeze",
            "name": "banner",
            "command": "/opt/banner",
            "user": "git",
            "seconds": 30,
            "input": '{"site": "gogs"}',
        },
    )


def test_both_sides_use_the_same_milestones_and_wait_as_long_for_them() -> None:
    assert get_args(record.Milestone) == milestone_names.MILESTONES
    assert milestone_names.WAIT_SECONDS == MILESTONE_WAIT_SECONDS


def test_both_sides_limit_the_connections_of_a_comparison_alike() -> None:
    assert table_digests.MAX_CONNECTIONS == connection_group.MAX_CONNECTIONS


def test_both_sides_use_the_same_decision_values() -> None:
    assert (record.COMMIT, record.THAW) == (run_record.COMMIT, run_record.THAW)
    assert set(dead_man.DECISIONS_AGAINST_COMMIT) == {record.THAW, record.ROLLBACK}
