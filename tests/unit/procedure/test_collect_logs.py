"""What failed on a launched machine can be read afterwards; collecting it fails and delays nothing."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import pytest
from common.clients.machines import CommandResult
from common.clients.reports import Message
from common.errors import RetryableServiceError
from procedure import plan
from procedure.logic.failure import CAUSE_BYTES, format_cause
from procedure.steps.collect import MAX_COLLECT_SECONDS

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.failures import failing_response
from tests.unit.procedure.machines import REPLICA, TARGETS
from tests.unit.procedure.world import World


def failed_report(world: World, run: Any) -> dict[str, Any]:
    check = {"name": "start", "outcome": "fail", "reason": "Gogs did not become healthy", "seconds": 60}
    return world.body(run, outcome="fail", checks=[check], image_id="")


def logs(world: World, machine: str, run: str) -> str:
    text: bytes = world.files[f"runs/{run}/logs-{machine}.txt"]
    return text.decode()


def fail_test_launch(world: World, execute: Execute) -> Any:
    world.reports_default = False
    launch = world.launch

    def launched(*given: Any, **more: Any) -> str:
        job = launch(*given, **more)
        if not world.messages:
            assert world.run is not None
            world.messages.append(Message(receipt="r", body=failed_report(world, world.run)))
        return job

    world.launch = launched  # type: ignore[method-assign]
    return execute("test-launch")


def test_logs_of_a_failed_replica_are_saved_as_evidence_before_it_is_removed(world: World, execute: Execute) -> None:
    # Given a test launch whose Gogs does not start
    removed_after: list[bool] = []
    world.watchers.append(
        lambda what: removed_after.append(any("logs-" in key for key in world.files)) if what == "clean up" else None
    )

    result = fail_test_launch(world, execute)

    # Then its journal and its console are in the evidence, and the failure names the object
    key = f"runs/m1-test-launch/logs-{REPLICA}.txt"
    text = logs(world, REPLICA, "m1-test-launch")
    assert "it broke" in text
    assert f"{REPLICA} login:" in text
    assert result.cause["logs"] == key
    assert "Gogs did not become healthy" in result.cause["reason"]
    assert removed_after == [True]


@pytest.mark.parametrize("verb", ["activate", "accept"])
def test_logs_of_failed_targets_are_saved_as_evidence(world: World, execute: Execute, verb: str) -> None:
    world.responses[verb] = lambda _, options: CommandResult(
        ok=options.get("mode") == "scratch", facts={"ok": options.get("mode") == "scratch", "reason": "it broke"}
    )

    result = execute("cutover")

    assert {f"runs/m1-cutover/logs-{target}.txt" for target in TARGETS} <= set(world.files)
    assert result.cause["logs"] in world.files


def test_an_unreachable_machine_leaves_its_console_output_and_a_note(world: World, execute: Execute) -> None:
    world.unreachable = lambda instance, verb, _: (instance, verb) == (REPLICA, "collect-logs")

    result = fail_test_launch(world, execute)

    text = logs(world, REPLICA, "m1-test-launch")
    assert "returned no logs: the machine is not connected to Systems Manager" in text
    assert f"{REPLICA} login:" in text
    assert "warnings" not in result.cause


def test_an_unresponsive_machine_delays_the_rollback_only_by_seconds(world: World, execute: Execute) -> None:
    world.responses["collect-logs"] = lambda *_: None
    began: list[float] = []
    ended: list[float] = []

    def look(step: str) -> None:
        if step == "collect-logs" and not began:
            began.append(world.clock.now())
        if step == "rollback-replica" and not ended:
            ended.append(world.clock.now())

    world.responses["delta"] = failing_response("link down")
    result = execute("cutover", before=look)

    assert result.cause["reason"] == "link down"
    assert ended[0] - began[0] < 20
    assert f"did not answer within {MAX_COLLECT_SECONDS} s" in logs(world, REPLICA, "m1-cutover")


@pytest.mark.parametrize("answer", [{"ok": True}, {"ok": True, "logs": "%%%"}, {"ok": True, "logs": "AAAA"}])
def test_an_invalid_log_response_does_not_fail_the_rollback(
    world: World, execute: Execute, answer: dict[str, Any]
) -> None:
    world.responses["collect-logs"] = lambda *_: CommandResult(ok=True, facts=answer)

    assert fail_test_launch(world, execute).cause["logs"]
    assert "cannot be read" in logs(world, REPLICA, "m1-test-launch")


def test_an_unavailable_bucket_or_console_does_not_fail_the_rollback(world: World, execute: Execute) -> None:
    def refuse(instance_id: str) -> str:
        raise RetryableServiceError("ec2:GetConsoleOutput: throttled", machine=instance_id)

    world.read = refuse  # type: ignore[method-assign]

    def refuse_bucket(step: str) -> None:
        world.bucket_refuses = step == "collect-logs"

    world.responses["delta"] = failing_response("link down")
    result = execute("cutover", before=refuse_bucket)

    assert result.cause["reason"] == "link down"
    assert "logs" not in result.cause
    assert world.replica == ""


def test_a_failure_before_any_launch_collects_no_logs(world: World, execute: Execute) -> None:
    world.responses["check"] = failing_response("disk full")

    execute("test-launch")

    assert not any("logs-" in key for key in world.files)


def test_logs_are_collected_after_the_source_is_reopened_and_before_the_replica_is_removed() -> None:
    for back in (plan.TEST_LAUNCH_ROLLBACK, plan.CUTOVER_ROLLBACK):
        names = [step.name for step in back]
        assert names.index("collect-logs") < names.index("rollback-replica")
    names = [step.name for step in plan.CUTOVER_ROLLBACK]
    assert names.index("rollback-source") < names.index("collect-logs")


def test_the_location_of_the_logs_is_never_truncated() -> None:
    facts = {
        "phase": "Acceptance",
        "machine": REPLICA,
        "reason": "x" * 2000,
        "next": "y" * 2000,
        "logs": "runs/r/logs-i.txt",
    }
    text = format_cause(facts, ["w" * 500])
    assert len(text.encode()) <= CAUSE_BYTES
    assert "runs/r/logs-i.txt" in text


def test_compressed_machine_logs_are_stored_as_text(world: World, execute: Execute) -> None:
    packed = base64.b64encode(zlib.compress("Gogs: ünlucky".encode())).decode()
    world.responses["collect-logs"] = lambda *_: CommandResult(ok=True, facts={"ok": True, "logs": packed})

    fail_test_launch(world, execute)

    assert "Gogs: ünlucky" in logs(world, REPLICA, "m1-test-launch")
