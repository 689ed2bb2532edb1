"""A launch whose end MGN announces by an event, and everything that may happen to the event."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from common.clients.mgn import Mgn
from common.clients.provider import JobStatus
from common.clients.provider_events import SETTLING_SECONDS, never
from common.errors import RetryableServiceError, StepFailed
from procedure.dry_run import DryTools

from tests.bench.provider_events import AIM, LATER_SECONDS, compare
from tests.unit.mgn.conftest import PLACE, TAGS, Stage
from tests.unit.mgn.event_queue import LAUNCH_RESULT, URL, EventQueue
from tests.unit.mgn.launching import SOON_SECONDS, Run, lose
from tests.unit.mgn.world import MgnWorld, SendEvent, send

OTHER_SERVER = "s-99999999999999999"
SLOW_POLL_SECONDS = 60 + 21
"""and the time of the long poll within which it becomes due, with the pause of the state machine"""
SETTLED_SECONDS = 6
"""the longest time between two reads of the API after an event: the client keeps a result for 4 seconds"""
ALIGNMENTS = tuple(round(number * 1.7, 1) for number in range(13))
"""seconds by which a launch takes longer than the measured one: its end falls on every part of the procedure's longest wait (20 seconds)"""


def send_late(queue: EventQueue, server_id: str, kind: str, detail: dict[str, str]) -> None:
    queue.send(server_id, kind, detail, after_seconds=12)


def send_twice(queue: EventQueue, server_id: str, kind: str, detail: dict[str, str]) -> None:
    queue.send(server_id, kind, detail)
    queue.send(server_id, kind, detail, after_seconds=2)


def send_of_another_server(queue: EventQueue, _server_id: str, kind: str, detail: dict[str, str]) -> None:
    queue.send(OTHER_SERVER, kind, detail)


def test_a_procedure_with_events_makes_at_most_a_quarter_of_the_calls_of_a_poller_and_sees_the_end_no_later() -> None:
    found = compare((0.0, 1.7))

    assert found.ratio <= AIM
    assert found.later_seconds <= LATER_SECONDS


@pytest.mark.parametrize("longer_seconds", ALIGNMENTS)
@pytest.mark.parametrize(
    ("send_event", "seconds"),
    [
        (send, SOON_SECONDS),
        (send_twice, SOON_SECONDS),
        (send_late, 12 + SOON_SECONDS),
        (lose, SLOW_POLL_SECONDS),
        (send_of_another_server, SLOW_POLL_SECONDS),
    ],
    ids=["sent", "twice", "late", "lost", "of-another-server"],
)
def test_a_launch_ends_whatever_happens_to_its_event(
    test_launch: Run, send_event: SendEvent, seconds: float, longer_seconds: float
) -> None:
    world = MgnWorld(send_event)
    result, seen_after = test_launch(world, longer_seconds=longer_seconds)

    assert result.status == "SUCCEEDED", result.cause
    assert seen_after <= seconds
    assert world.queue.hidden == {}


def test_a_lost_event_costs_time_and_no_calls(test_launch: Run) -> None:
    seconds: list[float] = []
    for longer_seconds in ALIGNMENTS:
        sent = MgnWorld(send)
        test_launch(sent, longer_seconds=longer_seconds)
        lost = MgnWorld(lose)
        seconds.append(test_launch(lost, longer_seconds=longer_seconds)[1])
        assert len(lost.stage.mgn.calls) <= len(sent.stage.mgn.calls) + 2

    assert max(seconds) > SOON_SECONDS, "the event was not lost"


def test_an_event_of_another_server_causes_no_call(test_launch: Run) -> None:
    quiet = MgnWorld(lose)
    test_launch(quiet)
    busy = MgnWorld(lose)
    for number in range(60):
        busy.queue.send(OTHER_SERVER, LAUNCH_RESULT, {"job-id": f"mgnjob-{number}"}, after_seconds=10.0 * number)
    result, _ = test_launch(busy)

    assert result.status == "SUCCEEDED"
    assert busy.queue.receives > quiet.queue.receives, "nothing was received"
    assert len(busy.stage.mgn.calls) <= len(quiet.stage.mgn.calls) + 1  # the polls are due at other moments


@pytest.mark.parametrize("longer_seconds", ALIGNMENTS)
@pytest.mark.parametrize("early_seconds", [0.5, 3.0, SETTLING_SECONDS - 2, SETTLING_SECONDS])
def test_an_event_that_comes_before_the_api_shows_the_end_lets_the_api_be_read_again_soon(
    test_launch: Run, early_seconds: float, longer_seconds: float
) -> None:
    world = MgnWorld(send)
    world.service.early_seconds = early_seconds
    result, seen_after = test_launch(world, longer_seconds=longer_seconds)

    assert result.status == "SUCCEEDED"
    assert seen_after <= SETTLED_SECONDS


@pytest.mark.parametrize("longer_seconds", ALIGNMENTS)
def test_an_event_that_comes_far_too_early_is_a_lost_one(test_launch: Run, longer_seconds: float) -> None:
    world = MgnWorld(send)
    world.service.early_seconds = SETTLING_SECONDS * 3
    result, seen_after = test_launch(world, longer_seconds=longer_seconds)

    assert result.status == "SUCCEEDED"
    assert seen_after <= SLOW_POLL_SECONDS


def test_a_launch_that_follows_the_event_of_the_initial_sync_is_read_no_more_often(test_launch: Run) -> None:
    synced = MgnWorld(send)
    synced.service.sync(100)
    test_launch(synced)
    ready = MgnWorld(send)
    test_launch(ready)

    assert abs(synced.stage.mgn.count("DescribeJobs") - ready.stage.mgn.count("DescribeJobs")) <= 2
    assert synced.stage.mgn.count("DescribeSourceServers") <= ready.stage.mgn.count("DescribeSourceServers") + 4


def test_a_new_process_of_the_function_reads_the_api_at_once(test_launch: Run) -> None:
    world = MgnWorld(lose)

    def restart(step: str) -> None:
        if step == "await-job":
            world.restart_function()

    result, seen_after = test_launch(world, before=restart)

    assert result.status == "SUCCEEDED"
    assert seen_after <= 21


def test_a_message_that_is_no_event_is_ignored(test_launch: Run) -> None:
    world = MgnWorld(send)
    for body in ("no JSON", "[]", '{"resources": "s-1"}', '{"resources": [null, 1]}', "{}"):
        world.queue.send_text(body)
    result, seen_after = test_launch(world)

    assert result.status == "SUCCEEDED"
    assert seen_after <= SOON_SECONDS
    assert world.queue.messages == []


def test_a_queue_that_fails_slows_the_procedure_down_and_is_a_warning(test_launch: Run) -> None:
    class Broken:
        def wait(self, source_server_id: str, *, seconds: int, is_canceled: Callable[[], bool] = never) -> bool:
            assert not is_canceled()
            raise StepFailed(f"sqs:ReceiveMessage: AccessDenied ({source_server_id}, {seconds})")

    world = MgnWorld(send)
    world.provider_events = Broken()
    result, seen_after = test_launch(world)

    assert result.status == "SUCCEEDED"
    assert seen_after <= SLOW_POLL_SECONDS
    (warning,) = json.loads(world.files["runs/m1-test-launch/outputs.json"])["warnings"]
    assert "events of the provider cannot be received" in warning
    assert "sqs:ReceiveMessage: AccessDenied" in warning


def test_a_client_with_events_reads_a_launch_once_a_minute_and_a_termination_every_few_seconds() -> None:
    stage = Stage(events_queue_url=URL)
    client = stage.connect()
    client.prepare_launch(stage.server_id, launch_settings=PLACE, tags=TAGS)
    launched = client.launch(stage.server_id, "TEST", since=stage.since)
    stage.mgn.begin(launched)
    assert count_reads(stage, client, launched) in (10, 11)

    stage.mgn.end(launched)
    terminated = client.remove_replica(stage.server_id)
    stage.mgn.begin(terminated)
    assert 600 / 4 <= count_reads(stage, client, terminated) <= 600 / 4 + 5


def count_reads(stage: Stage, client: Mgn, job_id: str) -> int:
    """Poll a running job for ten minutes, twice a second. Return how often the client has called the API for that."""
    stage.mgn.calls.clear()
    for _ in range(1200):
        assert client.read_job(job_id).status is JobStatus.RUNNING
        stage.clock.sleep(0.5)
    return stage.mgn.count("DescribeJobs")


def test_a_run_record_that_cannot_be_read_during_a_wait_does_not_fail_the_step(test_launch: Run) -> None:
    world = MgnWorld(send)
    read, failures = world.runs.read, list[str]()

    def fail_once_in_a_launch() -> Any:
        if world.stage.mgn.jobs and not failures:
            failures.append("throttled")
            raise RetryableServiceError("dynamodb:GetItem: throttled")
        return read()

    world.runs.read = fail_once_in_a_launch  # type: ignore[method-assign]
    result, seen_after = test_launch(world)

    assert failures
    assert result.status == "SUCCEEDED", result.cause
    assert seen_after <= SOON_SECONDS


def test_a_dry_run_receives_no_event_of_a_run_beside_it(test_launch: Run) -> None:
    world = MgnWorld(send)
    world.queue.send(world.stage.server_id, LAUNCH_RESULT, {"job-id": "mgnjob-1"})
    run: Any = None
    assert not DryTools(world, run, lambda _: None).provider_events.wait(world.stage.server_id, seconds=20)
    assert len(world.queue.messages) == 1
    assert test_launch(world)[0].status == "SUCCEEDED"
