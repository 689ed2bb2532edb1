"""Faults of CloudFormation and of its custom resource: repeated and late events, crashes of the resource's functions,
and deploys at the same time.
"""

from __future__ import annotations

import time

from custom_resource.relay import TRIES

from tests.rehearsal.scenarios.fault_injection import IS_COMPLETE, ON_EVENT, wait_for
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import RunResult, Stage


@Scenario(expected_end="migrated")
def create_is_sent_twice(stage: Stage) -> RunResult:
    """CloudFormation sends the same Create event a second time while the run is in the window."""
    pending = stage.start_run()
    with stage.hold_at("drain"):
        pending.send_again()
    return stage.wait_for_result(pending)


@Scenario(expected_end="migrated")
def create_is_sent_again_after_a_failure(stage: Stage) -> RunResult:
    """The first run fails in the window, after the acceptance suite has written to the live data. A second deploy
    follows immediately.
    """
    with stage.inject_fault("function-crash", step="commit", times=0):
        first = stage.run()
    assert not first.succeeded
    return stage.run()


@Scenario(expected_end="not migrated", reason_contains=("deleted",))
def delete_arrives_in_the_window(stage: Stage) -> RunResult:
    """The stack is deleted while the source is frozen."""
    pending = stage.start_run()
    with stage.hold_at("verify-changes"):
        deleting = stage.delete_resource()
    stage.wait_for_result(deleting)
    return stage.wait_for_result(pending)


@Scenario(expected_end="migrated")
def delete_arrives_after_the_commit(stage: Stage) -> RunResult:
    """The resource is deleted after the end of its committed run."""
    pending = stage.start_run()
    result = stage.wait_for_result(pending)
    assert stage.wait_for_result(stage.delete_resource()).succeeded
    return result


@Scenario(expected_end="migrated")
def cutover_of_a_moved_site(stage: Stage) -> RunResult:
    """After the commit a new cutover is requested. It is refused and changes nothing."""
    first = stage.run()
    again = stage.wait_for_result(stage.resource().create(CutoverId="again"))
    assert not again.succeeded
    assert "already moved" in again.reason
    return first


@Scenario(expected_end="migrated")
def two_deploys_at_once(stage: Stage) -> RunResult:
    """A second cutover is requested while the first is in the window. It is refused and changes nothing."""
    pending = stage.start_run()
    with stage.hold_at("drain"):
        second = stage.resource().create(CutoverId="second")
        refused = stage.wait_for_result(second)
        assert not refused.succeeded
        assert "holds the site" in refused.reason
    return stage.wait_for_result(pending)


@Scenario(expected_end="not migrated", steps=("before", "after"), has_complete_reason=False)
def on_event_crashes(stage: Stage, step: str) -> RunResult:
    """The function of the custom resource crashes when CloudFormation requests the cutover, before or after its work.
    The deploy fails, and no run continues without a stack.
    """
    stage.inject_fault("function-crash", function=ON_EVENT, fields={"RequestType": "Create"}, when=step)
    return stage.run()


@Scenario(expected_end="migrated")
def is_complete_crashes(stage: Stage) -> RunResult:
    """The function that polls the run crashes while the source is frozen, and repeatedly after the commit. The deploy
    succeeds.
    """
    pending = stage.start_run()
    with stage.hold_at("drain"):
        stage.inject_fault("function-crash", function=IS_COMPLETE, times=TRIES - 1)
    with stage.hold_at("tidy"):
        stage.inject_fault("function-crash", function=IS_COMPLETE, times=2 * TRIES)
    return stage.wait_for_result(pending)


@Scenario(expected_end="not migrated", reason_contains=("crashed 3 times",))
def is_complete_crashes_for_ever(stage: Stage) -> RunResult:
    """The function that polls the run always crashes while the source is frozen. The deploy fails, CloudFormation
    deletes the resource, and the run rolls back.
    """
    pending = stage.start_run()
    with stage.hold_at("verify-changes"):
        fault = stage.inject_fault("function-crash", function=IS_COMPLETE, times=0)
        result = stage.wait_for_result(pending)
        fault.clear()
        deleting = stage.delete_resource()
        wait_for("the request to stop the run", 60, lambda: "abort" in stage.get_run_record())
    assert stage.wait_for_result(deleting).succeeded
    return result


@Scenario(expected_end="not migrated", reason_contains=("ABORTED",), always=True)
def execution_is_stopped_in_the_window(stage: Stage) -> RunResult:
    """An operator stops the execution while the source is frozen. Then CloudFormation deletes the resource."""
    pending = stage.start_run()
    with stage.hold_at("activate"):
        stage.stop_execution()
    result = stage.wait_for_result(pending)
    assert stage.wait_for_result(stage.delete_resource()).succeeded
    return result


LOCK_SECONDS = 200.0


@Scenario(expected_end="migrated")
def lock_owner_dies(stage: Stage) -> RunResult:
    """An operator stops the execution while the source is frozen, and another run is refused.

    The dead man's switch opens the source, and the lock expires. The deletion of the resource then rolls the old run
    back, and a new deploy succeeds.
    """
    pending = stage.start_run()
    with stage.hold_at("activate"):
        stage.stop_execution()
    assert not stage.wait_for_result(pending).succeeded
    refused = stage.run()
    assert "holds the site until" in refused.reason, refused
    stage.wait_for_open_source()
    wait_for("the lock to end", LOCK_SECONDS, lambda: float(stage.get_run_record()["lock_expires"]) < time.time())
    assert stage.wait_for_result(stage.delete_resource()).succeeded
    return stage.run()


@Scenario(expected_end="not migrated", reason_contains=("ABORTED",), only_dead_mans_switch=True)
def nobody_comes_back(stage: Stage) -> RunResult:
    """An operator stops the procedure's execution while the source is frozen, and no deletion or deploy follows. The
    dead man's switch opens the source.
    """
    pending = stage.start_run()
    with stage.hold_at("drain"):
        stage.stop_execution()
    result = stage.wait_for_result(pending)
    stage.wait_for_open_source()
    return result
