"""CloudFormation and its custom resource: events that come twice or late, functions of the resource that die, deploys
that meet.
"""

from __future__ import annotations

import time

from custom_resource.relay import TRIES

from tests.rehearsal.scenarios.plugs import IS_COMPLETE, ON_EVENT, wait
from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage


@Scenario(ends="migrated")
def create_is_sent_twice(stage: Stage) -> Ended:
    """CloudFormation sends the same Create event a second time while the run is in the window."""
    pending = stage.begin()
    with stage.at("drain"):
        pending.again()
    return stage.end(pending)


@Scenario(ends="migrated", always=True)
def create_is_sent_again_after_a_failure(stage: Stage) -> Ended:
    """The first run fails in the window, after the acceptance has written to the live data; a second deploy follows
    at once.
    """
    with stage.order("function-crash", step="commit", times=0):
        first = stage.cutover()
    assert not first.ok
    return stage.cutover()


@Scenario(ends="not migrated", says=("deleted",))
def delete_arrives_in_the_window(stage: Stage) -> Ended:
    """The stack is deleted while the source is frozen."""
    pending = stage.begin()
    with stage.at("verify-changes"):
        deleting = stage.delete()
    stage.end(deleting)
    return stage.end(pending)


@Scenario(ends="migrated")
def delete_arrives_after_the_commit(stage: Stage) -> Ended:
    """The resource is deleted when its run was committed long ago."""
    pending = stage.begin()
    ended = stage.end(pending)
    assert stage.end(stage.delete()).ok
    return ended


@Scenario(ends="migrated")
def cutover_of_a_moved_site(stage: Stage) -> Ended:
    """After the commit a new cutover is asked for: it is refused and changes nothing."""
    first = stage.cutover()
    again = stage.end(stage.resource().create(CutoverId="again"))
    assert not again.ok
    assert "already moved" in again.reason
    return first


@Scenario(ends="migrated")
def two_deploys_at_once(stage: Stage) -> Ended:
    """A second cutover is asked for while the first is in the window: it is refused and changes nothing."""
    pending = stage.begin()
    with stage.at("drain"):
        second = stage.resource().create(CutoverId="second")
        refused = stage.end(second)
        assert not refused.ok
        assert "holds the site" in refused.reason
    return stage.end(pending)


@Scenario(ends="not migrated", steps=("before", "after"), spoken=False)
def on_event_crashes(stage: Stage, step: str) -> Ended:
    """The function of the custom resource dies when CloudFormation asks for the cutover, before or after its work:
    the deploy fails, and no run goes on without a stack.
    """
    stage.order("function-crash", function=ON_EVENT, fields={"RequestType": "Create"}, when=step)
    return stage.run()


@Scenario(ends="migrated")
def is_complete_crashes(stage: Stage) -> Ended:
    """The function that knows how the run goes dies while the source is frozen, and again and again after the
    commit: the deploy hears nothing of it.
    """
    pending = stage.begin()
    with stage.at("drain"):
        stage.order("function-crash", function=IS_COMPLETE, times=TRIES - 1)
    with stage.at("tidy"):
        stage.order("function-crash", function=IS_COMPLETE, times=2 * TRIES)
    return stage.end(pending)


@Scenario(ends="not migrated", says=("died 3 times",))
def is_complete_crashes_for_ever(stage: Stage) -> Ended:
    """The function that knows how the run goes always dies while the source is frozen: the deploy fails,
    CloudFormation deletes the resource, the run is rolled back.
    """
    pending = stage.begin()
    with stage.at("verify-changes"):
        fault = stage.order("function-crash", function=IS_COMPLETE, times=0)
        ended = stage.end(pending)
        fault.clear()
        deleting = stage.delete()
        wait("the run to hear of it", 60, lambda: "abort" in stage.record())
    assert stage.end(deleting).ok
    return ended


@Scenario(ends="not migrated", says=("ABORTED",), always=True)
def execution_is_stopped_in_the_window(stage: Stage) -> Ended:
    """Somebody stops the procedure's execution itself while the source is frozen; CloudFormation then deletes the
    resource.
    """
    pending = stage.begin()
    with stage.at("activate"):
        stage.stop_execution()
    ended = stage.end(pending)
    assert stage.end(stage.delete()).ok
    return ended


LOCK_SECONDS = 200.0


@Scenario(ends="migrated")
def lock_owner_dies(stage: Stage) -> Ended:
    """The execution is stopped while the source is frozen. Another run is refused; the lock ends, the source opens
    by itself, then the resource is deleted, which rolls the old run back, and it is deployed again.
    """
    pending = stage.begin()
    with stage.at("activate"):
        stage.stop_execution()
    assert not stage.end(pending).ok
    refused = stage.run()
    assert "holds the site until" in refused.reason, refused
    stage.await_open_source()
    wait("the lock to end", LOCK_SECONDS, lambda: float(stage.record()["lock_expires"]) < time.time())
    assert stage.end(stage.delete()).ok
    return stage.run()


@Scenario(ends="not migrated", says=("ABORTED",), left_alone=True)
def nobody_comes_back(stage: Stage) -> Ended:
    """The procedure's execution is stopped while the source is frozen, and nobody ever deletes or repeats anything:
    the dead man's switch opens the source.
    """
    pending = stage.begin()
    with stage.at("drain"):
        stage.stop_execution()
    ended = stage.end(pending)
    stage.await_open_source()
    return ended
