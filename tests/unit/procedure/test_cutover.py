"""A cutover that commits, against the deployed definition: its order, its evidence, and what it waits for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from common.clients.machines import CommandResult
from procedure import evidence_names, plan

from tests.unit.procedure.conftest import Execute, collect_warnings
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.machines import APP, DATABASE, REPLICA, TARGETS
from tests.unit.procedure.world import World

DONE = [
    *(f"activate on {target} scratch" for target in TARGETS),
    "admit 198.51.100.7/32",
    "launch CUTOVER",
    f"allow-delta on {APP}",
    f"prepare-forward on {APP}",
    f"carry-counters on {REPLICA}",
    f"freeze on {APP}",
    f"freeze-database on {DATABASE}",
    f"delta on {REPLICA}",
    "mode live",
    *(f"stage on {target} live" for target in TARGETS),
    "dms stop",
    *(f"activate on {target} live" for target in TARGETS),
    "admit 0.0.0.0/0, ::/0",
    f"forward on {APP}",
    "point git.example.com to alb",
    f"tidy on {TARGETS[0]}",
    f"deny-delta on {APP}",
    "finalize",
    "clean up",
]


def test_steps_run_in_the_order_of_the_plan(world: World, execute: Execute) -> None:
    result = execute("cutover")

    assert result.status == "SUCCEEDED"
    assert world.action_log == DONE
    assert world.runs.read().decision == "commit"
    assert world.runs.read().lock_expires == 0


def test_the_outputs_describe_the_run(world: World, execute: Execute) -> None:
    execute("cutover")

    outputs = json.loads(world.files["runs/m1-cutover/outputs.json"])
    assert outputs["window_seconds"] < 5
    assert outputs["warnings"] == []
    assert outputs["site_url"] == "http://git.example.com/"


def test_evidence_that_the_bucket_refused_in_the_window_is_written_afterwards(world: World, execute: Execute) -> None:
    def refuse(step: str) -> None:
        world.bucket_refuses = plan.ALL[step] in plan.WINDOW

    result = execute("cutover", before=refuse)

    assert result.status == "SUCCEEDED"
    for step in plan.CUTOVER:
        written = json.loads(
            world.files[f"runs/m1-cutover/{evidence_names.format_evidence_name('cutover', step.name)}.json"]
        )
        assert (written["step"], written["outcome"]) == (step.name, "done")


def test_users_wait_for_no_evidence_of_a_step_that_is_done(world: World, execute: Execute) -> None:
    written: dict[str, set[str]] = {}

    def list_written(step: str) -> None:
        written.setdefault(step, {key.rsplit("/", 1)[1] for key in world.files})

    assert execute("cutover", before=list_written).status == "SUCCEEDED"
    steps = [step for step in plan.CUTOVER if step.users_wait]
    assert [step.name for step in steps] == [*(step.name for step in plan.WINDOW), "admit", "forward"]
    for step, following in pairwise(plan.CUTOVER):
        name = f"{evidence_names.format_evidence_name('cutover', step.name)}.json"
        assert (name in written[following.name]) is not step.users_wait, name


def test_each_step_writes_its_evidence_in_order(world: World, execute: Execute) -> None:
    execute("cutover")

    names = sorted(key.rsplit("/", 1)[1].removesuffix(".json") for key in world.files if key.startswith("runs/"))
    expected = [evidence_names.format_evidence_name("cutover", step.name) for step in plan.CUTOVER]
    assert names == sorted([*expected, "outputs", *(f"requests-{machine}" for machine in (APP, *TARGETS))])
    freeze = json.loads(world.files["runs/m1-cutover/15-freeze.json"])
    assert {"began", "ended", "seconds", "outcome", "by", "facts"} <= set(freeze)


def test_the_lease_is_renewed_during_the_window(world: World, execute: Execute) -> None:
    def slow(step: str) -> None:
        if step in ("drain", "delta", "verify-changes"):
            world.clock.sleep(200)

    result = execute("cutover", before=slow)

    assert result.status == "SUCCEEDED"
    assert f"renew on {APP}" in world.action_log


def test_the_run_waits_for_a_target_that_auto_scaling_has_just_started(world: World, execute: Execute) -> None:
    refusals = iter(range(15))

    def just_started(instance: str, verb: str, options: Mapping[str, Any]) -> bool:
        turning = (instance, verb, options.get("mode")) == (TARGETS[1], "activate", "live")
        return turning and next(refusals, None) is not None

    world.unreachable = just_started

    assert execute("cutover").status == "SUCCEEDED"
    assert next(refusals, None) is None, "it was asked again until it was there"


def test_an_instance_that_joins_during_activation_is_activated(world: World, execute: Execute) -> None:
    def busy(instance: str, _options: Any) -> CommandResult | None:
        if instance == TARGETS[0] and "i-target-c" not in world.members_now:
            world.members_now.append("i-target-c")
            return None
        return CommandResult(ok=True, facts={"ok": True})

    world.responses["activate"] = busy

    execute("cutover")

    assert "activate on i-target-c live" in world.action_log


def test_a_second_run_fails_without_waiting(world: World, execute: Execute) -> None:
    world.runs.acquire("other", "cutover", seconds=900)

    result = execute("cutover")

    assert "run other (cutover, phase lock) holds the site" in result.cause["reason"]
    assert result.steps == ["Only roll back?", "Lock", "Conclude", "Failed"]
    assert world.action_log == []


def test_each_failure_after_the_commit_is_reported_once(world: World, execute: Execute) -> None:
    # Given a proxy that will not forward
    world.responses["forward"] = failing_response("the proxy is gone")
    reported: list[tuple[str, str]] = []

    result = execute("cutover", observe=collect_warnings(reported))

    assert result.status == "SUCCEEDED"
    assert [text for _, text in reported] == json.loads(world.files["runs/m1-cutover/outputs.json"])["warnings"]
    assert any("the proxy is gone" in text for _, text in reported)
