"""What the procedure relies on, whichever provider it has: one suite over every client of this release, each against its simulator."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest
from common.clients.provider import JobStatus, Provider, ReplicationSettings
from common.clients.providers import PROVIDERS
from common.errors import RetryableProviderError, StepFailed
from common.run import Launch

from tests.unit.providers.contract.stages import NAME, PLACE, CloudEndureStage, MgnStage, Stage

STAGES: Mapping[str, Callable[[], Stage]] = {"cloudendure": CloudEndureStage, "mgn": MgnStage}
TAGS = {"Name": "cutover-gogs-replica", "cutover:role": "replica", "cutover:run-id": "r1"}
KINDS: list[Launch] = ["TEST", "CUTOVER"]
WHERE = ReplicationSettings(subnet_id="subnet-22222222", security_group_ids=("sg-22222222",), use_private_ip=True)


@pytest.fixture(params=sorted(STAGES))
def stage(request: pytest.FixtureRequest) -> Stage:
    return STAGES[request.param]()


@pytest.fixture
def provider(stage: Stage) -> Provider:
    return stage.provider


def begin(stage: Stage, kind: Launch, *, since: float | None = None) -> str:
    """Start a launch as the procedure does."""
    stage.provider.prepare_launch(stage.server_id, launch_settings=PLACE, tags=TAGS)
    return stage.provider.launch(stage.server_id, kind, since=stage.clock.now() if since is None else since)


def launch(stage: Stage, kind: Launch) -> str:
    job = begin(stage, kind)
    stage.end(job)
    return job


def remove(stage: Stage) -> JobStatus:
    job = stage.provider.remove_replica(stage.server_id)
    stage.end(job)
    return stage.provider.read_job(job).status


def test_every_provider_of_the_release_is_held_to_the_contract() -> None:
    assert set(STAGES) == set(PROVIDERS)


# -- find, readiness


def test_the_named_server_is_found(stage: Stage, provider: Provider) -> None:
    found = provider.find_source_server(NAME)
    assert (found.source_server_id, found.name) == (stage.server_id, NAME)


def test_an_unknown_name_is_reported_with_the_known_ones(provider: Provider) -> None:
    with pytest.raises(StepFailed, match=f"it has: {NAME}") as caught:
        provider.find_source_server("shop")
    assert caught.value.machine == "shop"
    assert caught.value.next_action


def test_a_replicated_server_is_ready_for_a_test(stage: Stage, provider: Provider) -> None:
    readiness = provider.check_readiness(stage.server_id, tested=False)
    assert (readiness.waiting, readiness.blocked) == ((), ())
    assert json.dumps(dict(readiness.facts))


def test_a_backlog_is_waited_for(stage: Stage, provider: Provider) -> None:
    stage.add_backlog()
    readiness = provider.check_readiness(stage.server_id, tested=False)
    assert (len(readiness.waiting), readiness.blocked) == (1, ())
    assert "7 bytes of changes" in readiness.waiting[0]


def test_a_stopped_replication_needs_a_person(stage: Stage, provider: Provider) -> None:
    stage.stop_replication()
    assert "stopped" in provider.check_readiness(stage.server_id, tested=False).blocked[0]


def test_a_cutover_needs_an_earlier_test_launch(stage: Stage, provider: Provider) -> None:
    assert provider.check_readiness(stage.server_id, tested=True).blocked == ("it was never launched for a test",)

    launch(stage, "TEST")
    remove(stage)

    assert provider.check_readiness(stage.server_id, tested=True).blocked == ()


# -- launch


@pytest.mark.parametrize("kind", KINDS)
def test_a_launch_makes_one_instance_with_the_tags_of_the_run(stage: Stage, provider: Provider, kind: Launch) -> None:
    job = begin(stage, kind)
    assert provider.read_job(job).status is JobStatus.RUNNING
    assert provider.find_launch_job(stage.server_id) == job
    stage.end(job)

    assert provider.read_job(job).status is JobStatus.COMPLETED
    assert provider.find_launch_job(stage.server_id) == ""
    instance = provider.find_launched_instance(stage.server_id)
    assert list(stage.running()) == [instance]
    assert stage.running()[instance].items() >= TAGS.items()


def test_the_launch_settings_are_written_without_a_trace_of_the_run_before(stage: Stage, provider: Provider) -> None:
    launch(stage, "TEST")
    provider.prepare_launch(stage.server_id, launch_settings=PLACE, tags={**TAGS, "cutover:run-id": "r2"})
    provider.mark_ready_for_cutover(stage.server_id)
    stage.clock.sleep(5)
    stage.end(provider.launch(stage.server_id, "CUTOVER", since=stage.clock.now()))

    assert [tags["cutover:run-id"] for tags in stage.running().values()] == ["r2"]


def test_the_last_launch_is_the_one_whose_replica_the_source_server_has(stage: Stage, provider: Provider) -> None:
    assert provider.find_last_launch(stage.server_id) == ""
    first = begin(stage, "TEST")
    assert provider.find_last_launch(stage.server_id) == first
    stage.end(first)
    assert provider.find_last_launch(stage.server_id) == first, "also when the launch has ended"
    stage.clock.sleep(5)

    second = launch(stage, "CUTOVER")

    assert provider.find_last_launch(stage.server_id) == second
    remove(stage)
    assert provider.find_last_launch(stage.server_id) == second, "a removal is no launch"


@pytest.mark.parametrize("kind", KINDS)
def test_a_repeated_launch_launches_once(stage: Stage, kind: Launch) -> None:
    since = stage.clock.now()
    first = begin(stage, kind, since=since)
    assert begin(stage, kind, since=since) == first
    stage.end(first)

    assert begin(stage, kind, since=since) == first, "also when the launch has ended"
    assert stage.count_launches() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_launch_whose_response_was_lost_is_adopted(stage: Stage, provider: Provider, kind: Launch) -> None:
    since = stage.clock.now()
    stage.lose_next_response()
    try:
        job = begin(stage, kind, since=since)
    except RetryableProviderError:  # what Step Functions repeats the step for
        job = begin(stage, kind, since=since)

    assert provider.find_launch_job(stage.server_id) == job
    assert stage.count_launches() == 1


@pytest.mark.parametrize("other", KINDS)
def test_no_launch_is_started_beside_one_of_an_earlier_run(stage: Stage, other: Launch) -> None:
    begin(stage, other)
    stage.clock.sleep(60)

    with pytest.raises(RetryableProviderError) as caught:
        begin(stage, "TEST")
    assert caught.value.next_action
    assert stage.count_launches() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_launch_has_a_reason_and_the_next_one_is_a_new_job(
    stage: Stage, provider: Provider, kind: Launch
) -> None:
    since = stage.clock.now()
    stage.set_capacity(False)
    failed = launch(stage, kind)
    assert provider.read_job(failed).status is JobStatus.FAILED
    assert any("capacity" in line.lower() for line in provider.read_job(failed).log)
    assert provider.find_launched_instance(stage.server_id) == ""

    stage.set_capacity(True)
    assert begin(stage, kind, since=since) != failed


def test_a_second_test_replaces_the_first_one(stage: Stage) -> None:
    launch(stage, "TEST")
    stage.clock.sleep(60)
    launch(stage, "TEST")

    assert len(stage.running()) == 1


def test_a_run_that_was_rolled_back_can_be_tested_and_cut_over_again(stage: Stage, provider: Provider) -> None:
    for kind in (*KINDS, *KINDS):
        stage.clock.sleep(60)
        if kind == "CUTOVER":
            provider.mark_ready_for_cutover(stage.server_id)
        launch(stage, kind)
        assert remove(stage) is JobStatus.COMPLETED
    assert stage.running() == {}


def test_marking_a_server_as_ready_can_be_repeated(stage: Stage, provider: Provider) -> None:
    first = provider.mark_ready_for_cutover(stage.server_id)
    assert provider.mark_ready_for_cutover(stage.server_id) == first


# -- clean up, finalize


@pytest.mark.parametrize("kind", KINDS)
def test_the_replica_is_removed_once(stage: Stage, provider: Provider, kind: Launch) -> None:
    launch(stage, kind)

    assert remove(stage) is JobStatus.COMPLETED
    assert stage.running() == {}
    assert provider.find_launched_instance(stage.server_id) == ""
    assert provider.remove_replica(stage.server_id) == ""


def test_a_server_without_a_replica_has_nothing_to_remove(stage: Stage, provider: Provider) -> None:
    assert provider.remove_replica(stage.server_id) == ""


def test_finalize_keeps_the_replica_and_can_be_repeated(stage: Stage, provider: Provider) -> None:
    launch(stage, "CUTOVER")
    before = stage.running()

    first = provider.finalize(stage.server_id)

    assert provider.finalize(stage.server_id) == first
    assert stage.running() == before


def test_the_replica_can_be_removed_after_finalize(stage: Stage, provider: Provider) -> None:
    launch(stage, "CUTOVER")
    provider.finalize(stage.server_id)

    assert remove(stage) is JobStatus.COMPLETED
    assert stage.running() == {}


# -- initialize, replication settings, errors


def test_initialization_and_replication_settings_can_be_repeated(provider: Provider) -> None:
    for _ in range(2):
        assert json.dumps(dict(provider.initialize(WHERE)))
        assert json.dumps(dict(provider.configure_replication(WHERE)))


@pytest.mark.parametrize(
    "call",
    [
        lambda provider, _server: provider.find_source_server(NAME),
        lambda provider, server: provider.check_readiness(server, tested=False),
        lambda provider, server: provider.prepare_launch(server, launch_settings=PLACE, tags=TAGS),
        lambda provider, server: provider.launch(server, "TEST", since=0.0),
        lambda provider, server: provider.find_launched_instance(server),
        lambda provider, server: provider.find_launch_job(server),
        lambda provider, server: provider.find_last_launch(server),
        lambda provider, server: provider.remove_replica(server),
        lambda provider, _server: provider.configure_replication(WHERE),
    ],
    ids=["find", "readiness", "prepare", "launch", "instance", "launching", "last launch", "clean up", "configure"],
)
def test_a_busy_provider_is_retryable_under_the_name_that_step_functions_matches(
    stage: Stage, provider: Provider, call: Callable[[Provider, str], object]
) -> None:
    stage.be_busy()

    with pytest.raises(RetryableProviderError) as caught:
        call(provider, stage.server_id)
    assert type(caught.value) is RetryableProviderError


def test_the_tool_of_the_operator_is_named(provider: Provider) -> None:
    assert provider.operator_tool
