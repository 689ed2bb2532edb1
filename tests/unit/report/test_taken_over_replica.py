"""Reports of a replica that another run has launched, or whose run is suspended."""

from __future__ import annotations

from dataclasses import replace

import pytest
from common.suspension import Checkpoint, Suspension

from tests.unit.report.scene import INSTANCE, NEXT, RUN, TAGS, Scene


@pytest.fixture
def taken_over(scene: Scene) -> Scene:
    """A run that has taken over the replica that RUN launched for its cutover."""
    tags = {**TAGS, "cutover:launch": "CUTOVER"}
    scene.aws.instance_now = replace(scene.aws.instance_now, tags=tags)  # type: ignore[type-var]
    checkpoint = Checkpoint(
        launched_by=RUN, cutover_id="m1", fingerprint="f", source_server_id="m-1", job_id="job", instance_id=INSTANCE,
        finished={"launch": 1.0},
    )  # fmt: skip
    suspension = Suspension(run_id=RUN, phase="Bulk copy", since=1.0, until=2.0, checkpoint=checkpoint)
    scene.runs.save_checkpoint(RUN, checkpoint)
    scene.runs.update_facts(RUN, expected_report="CUTOVER")
    scene.runs.roll_back(RUN)
    assert scene.runs.suspend(RUN, suspension)
    scene.runs.release(RUN)
    scene.runs.acquire(NEXT, "cutover", seconds=900)
    assert scene.runs.take_over(NEXT, suspension, replace(checkpoint, taken_over_from=RUN))
    scene.runs.update_facts(NEXT, expected_report_until=scene.clock.now() + 600)
    return scene


def test_a_replica_that_was_taken_over_reports_for_its_new_run(taken_over: Scene) -> None:
    assert taken_over.take(launch="CUTOVER", run_id=NEXT)

    assert taken_over.aws.posted[0]["run_id"] == NEXT


def test_a_late_report_for_the_run_that_launched_the_replica_is_ignored(taken_over: Scene) -> None:
    assert not taken_over.take(launch="CUTOVER")

    assert "is not the current run" in taken_over.why


def test_a_replica_of_a_third_run_cannot_report_for_a_run_that_has_taken_over(taken_over: Scene) -> None:
    for run in ("m0", NEXT):
        tags = {**TAGS, "cutover:launch": "CUTOVER", "cutover:run-id": run}
        taken_over.aws.instance_now = replace(taken_over.aws.instance_now, tags=tags)  # type: ignore[type-var]

        assert not taken_over.take(launch="CUTOVER", run_id=NEXT)
        assert "nor by the one that it has taken over" in taken_over.why


def test_a_report_that_comes_while_its_run_is_suspended_is_ignored(scene: Scene) -> None:
    scene.aws.instance_now = replace(scene.aws.instance_now, tags={**TAGS, "cutover:launch": "CUTOVER"})  # type: ignore[type-var]
    scene.runs.update_facts(RUN, expected_report="")  # as `suspend` writes it
    scene.runs.roll_back(RUN)

    assert not scene.take(launch="CUTOVER")
    assert scene.aws.posted == []
