"""Launches with MGN: one job per server, no client token, no status FAILED, and an instance that the next launch deletes."""

from __future__ import annotations

import pytest
from common.clients.mgn import Mgn
from common.clients.mgn.instances import find_production_tag
from common.clients.provider import JobStatus
from common.errors import RetryableProviderError, StepFailed
from common.run import Launch

from tests.unit.mgn.conftest import PLACE, TAGS, Stage
from tests.unit.mgn.wire import ApiError, LostAnswer

STARTS = ("StartTest", "StartCutover")


@pytest.mark.parametrize(
    ("kind", "state", "after"),
    [
        ("TEST", "READY_FOR_TEST", "TESTING"),
        ("TEST", "TESTING", "TESTING"),
        ("TEST", "READY_FOR_CUTOVER", "TESTING"),
        ("TEST", "CUTTING_OVER", "TESTING"),
        ("CUTOVER", "READY_FOR_TEST", "CUTTING_OVER"),
        ("CUTOVER", "TESTING", "CUTTING_OVER"),
        ("CUTOVER", "READY_FOR_CUTOVER", "CUTTING_OVER"),
        ("CUTOVER", "CUTTING_OVER", "CUTTING_OVER"),
    ],
)
def test_a_launch_starts_from_every_state_that_has_a_way_to_it(
    stage: Stage, client: Mgn, kind: Launch, state: str, after: str
) -> None:
    stage.state = state

    client.launch(stage.server_id, kind, since=stage.since)

    assert stage.state == after


@pytest.mark.parametrize("state", ["NOT_READY", "STOPPED", "CUTOVER", "DISCONNECTED"])
def test_a_launch_from_another_state_is_refused_with_that_state(stage: Stage, client: Mgn, state: str) -> None:
    stage.state = state

    with pytest.raises(StepFailed, match=f"not possible in the life cycle state {state}"):
        client.launch(stage.server_id, "CUTOVER", since=stage.since)
    assert stage.mgn.count(*STARTS) == 0


def test_a_server_is_made_ready_before_the_window_and_the_launch_changes_no_state(stage: Stage, client: Mgn) -> None:
    assert client.mark_ready_for_cutover(stage.server_id) == {"life_cycle": "READY_FOR_CUTOVER"}
    changes = stage.mgn.count("ChangeServerLifeCycleState")

    client.mark_ready_for_cutover(stage.server_id)
    client.launch(stage.server_id, "CUTOVER", since=stage.since)

    assert stage.mgn.count("ChangeServerLifeCycleState") == changes == 1


def test_a_lost_response_of_a_state_change_counts_as_done(stage: Stage, client: Mgn) -> None:
    stage.mgn.faults["ChangeServerLifeCycleState"] = [LostAnswer()]

    assert client.mark_ready_for_cutover(stage.server_id) == {"life_cycle": "READY_FOR_CUTOVER"}


def test_a_lost_response_of_a_start_is_adopted(stage: Stage, client: Mgn) -> None:
    stage.mgn.faults["StartCutover"] = [LostAnswer()]
    with pytest.raises(RetryableProviderError, match="the response was lost"):
        client.launch(stage.server_id, "CUTOVER", since=stage.since)
    assert stage.mgn.count("StartCutover") == 1, "it may have acted"

    job = stage.connect().launch(stage.server_id, "CUTOVER", since=stage.since)

    assert list(stage.mgn.jobs) == [job]
    assert stage.mgn.count("StartCutover") == 1


def test_the_launch_of_an_earlier_run_is_not_adopted_and_none_is_started_beside_it(stage: Stage, client: Mgn) -> None:
    running = client.launch(stage.server_id, "TEST", since=stage.since)
    stage.clock.sleep(60)

    with pytest.raises(RetryableProviderError, match=rf"is in job {running} \(START_TEST\)"):
        stage.connect().launch(stage.server_id, "TEST", since=stage.clock.now())
    assert stage.mgn.count("StartTest") == 1


def test_a_job_of_several_servers_is_not_adopted(stage: Stage, client: Mgn) -> None:
    other = stage.mgn.add_server("other", number=2)
    stage.mgn.do("StartTest", {"sourceServerIDs": [stage.server_id, other]})

    with pytest.raises(RetryableProviderError, match="one job per server"):
        client.launch(stage.server_id, "TEST", since=stage.since)


def test_a_failed_launch_names_the_event_and_the_error_of_ec2(stage: Stage, client: Mgn) -> None:
    stage.mgn.capacity = False

    job = client.read_job(stage.launch(client))

    assert job.status is JobStatus.FAILED
    assert "LAUNCH_FAILED: InsufficientInstanceCapacity (attempt 1 of 3)" in job.log
    assert job.log[-1] == f"MGN reports: job COMPLETED, {stage.server_id} FAILED"


def test_a_completed_job_without_a_launched_server_has_failed(stage: Stage, client: Mgn) -> None:
    job = client.launch(stage.server_id, "TEST", since=stage.since)
    stage.mgn.jobs[job]["status"] = "COMPLETED"  # for instance: the server was skipped

    assert client.read_job(job).status is JobStatus.FAILED


def test_an_event_outside_of_the_model_is_text(stage: Stage, client: Mgn) -> None:
    job = client.read_job(stage.launch(client))

    assert (job.status, job.warnings) == (JobStatus.COMPLETED, ())
    assert "LAUNCH_END" in job.log


def test_a_cutover_from_an_older_snapshot_has_failed_in_words(stage: Stage, client: Mgn) -> None:
    stage.mgn.agent_away = True

    job = client.read_job(stage.launch(client, "CUTOVER"))

    assert job.status is JobStatus.FAILED
    assert "launched from an older one. The agent must run" in job.log[-1]


def test_a_test_from_an_older_snapshot_is_a_warning(stage: Stage, client: Mgn) -> None:
    stage.mgn.agent_away = True

    job = client.read_job(stage.launch(client, "TEST"))

    assert job.status is JobStatus.COMPLETED
    assert "launched from an older one" in job.warnings[0]


@pytest.mark.parametrize("event", ["SNAPSHOT_FAIL", "USING_PREVIOUS_SNAPSHOT"])
def test_each_event_of_an_older_snapshot_counts_alone(stage: Stage, client: Mgn, event: str) -> None:
    job = stage.launch(client, "CUTOVER")
    stage.mgn.logs[job].append({"event": event, "logDateTime": stage.mgn.now()})

    assert client.read_job(job).status is JobStatus.FAILED


def test_a_running_job_shows_its_last_event(stage: Stage, client: Mgn) -> None:
    job = client.launch(stage.server_id, "TEST", since=stage.since)
    assert (client.read_job(job).status, client.read_job(job).log) == (JobStatus.RUNNING, ())
    stage.mgn.begin(job)

    assert client.read_job(job).log == ("JOB_START",)


def test_frequent_polls_of_a_running_job_call_the_api_seldom(stage: Stage, client: Mgn) -> None:
    job = client.launch(stage.server_id, "TEST", since=stage.since)
    stage.mgn.begin(job)
    stage.mgn.calls.clear()

    for _ in range(6000):  # ten minutes, ten times a second
        assert client.read_job(job).status is JobStatus.RUNNING
        stage.clock.sleep(0.1)

    assert stage.mgn.count("DescribeJobs") <= 600 / 5 + 15
    assert stage.mgn.count("DescribeJobLogItems") <= 600 / 30 + 15


def test_the_end_of_a_short_job_is_seen_soon(stage: Stage, client: Mgn) -> None:
    client.prepare_launch(stage.server_id, launch_settings=PLACE, tags=TAGS)
    job = client.launch(stage.server_id, "TEST", since=stage.since)
    for _ in range(10):
        client.read_job(job)
        stage.clock.sleep(0.1)
    stage.mgn.end(job, after_seconds=0.5)

    assert client.read_job(job).status is JobStatus.COMPLETED


def test_the_end_of_a_job_is_seen_with_its_whole_log(stage: Stage, client: Mgn) -> None:
    client.prepare_launch(stage.server_id, launch_settings=PLACE, tags=TAGS)
    job = client.launch(stage.server_id, "TEST", since=stage.since)
    stage.mgn.begin(job)
    assert client.read_job(job).log == ("JOB_START",)
    stage.mgn.end(job, after_seconds=6)  # its log was read a moment ago

    assert client.read_job(job).log[-1] == "JOB_END"


def test_a_quota_blocks_and_is_named(stage: Stage, client: Mgn) -> None:
    stage.mgn.faults["StartTest"] = [
        ApiError("ServiceQuotaExceededException", "too many", 402, quotaCode="L-FE2EBE17", quotaValue=20)
    ]

    with pytest.raises(StepFailed, match="quota L-FE2EBE17 is reached: concurrent jobs") as caught:
        client.launch(stage.server_id, "TEST", since=stage.since)
    assert stage.mgn.count("StartTest") == 1
    assert "Service Quotas" in caught.value.next_action


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"cutover:role": "target"}, "cutover:role=target"),
        ({"Environment": "Production"}, "Environment=Production"),
        ({"env": "prod"}, "env=prod"),
        ({"cutover:role": "replica", "Environment": "production"}, ""),
        ({"Environment": "test"}, ""),
        ({}, ""),
    ],
)
def test_a_production_tag_is_recognized(tags: dict[str, str], found: str) -> None:
    assert find_production_tag(tags) == found


def test_no_launch_deletes_an_earlier_instance_that_is_production(stage: Stage, client: Mgn) -> None:
    stage.launch(client)
    (instance,) = stage.ec2.list_running()
    stage.ec2.instances[instance]["Tags"] = [{"Key": "Environment", "Value": "production"}]
    launches = stage.mgn.count(*STARTS)

    with pytest.raises(
        StepFailed, match=f"{instance} has the tag Environment=production, and a launch would delete it"
    ):
        client.launch(stage.server_id, "CUTOVER", since=stage.since)

    assert stage.mgn.count(*STARTS) == launches
    assert instance in str(client.check_readiness(stage.server_id, tested=True).blocked)


def test_the_next_launch_replaces_the_instance_and_only_the_new_one_is_named(stage: Stage, client: Mgn) -> None:
    stage.launch(client)
    (first,) = stage.ec2.list_running()
    stage.launch(client, "CUTOVER")

    assert client.find_launched_instance(stage.server_id) != first
    assert stage.ec2.list_running() == [client.find_launched_instance(stage.server_id)]


def test_an_instance_that_was_terminated_in_ec2_is_not_named(stage: Stage, client: Mgn) -> None:
    stage.launch(client)
    stage.ec2.end(stage.ec2.list_running()[0])

    assert client.find_launched_instance(stage.server_id) == ""


def test_launching_names_launches_and_no_terminations(stage: Stage, client: Mgn) -> None:
    job = client.launch(stage.server_id, "TEST", since=stage.since)
    assert client.find_launch_job(stage.server_id) == job
    stage.mgn.jobs[job]["type"] = "TERMINATE"

    assert client.find_launch_job(stage.server_id) == ""


def test_jobs_are_found_beyond_the_first_page(stage: Stage, client: Mgn) -> None:
    for number in range(2, 8):
        other = stage.mgn.add_server(f"other-{number}", number=number)
        stage.mgn.do("StartTest", {"sourceServerIDs": [other]})
    job = client.launch(stage.server_id, "TEST", since=stage.since)
    for number in range(8, 14):
        other = stage.mgn.add_server(f"other-{number}", number=number)
        stage.mgn.do("StartTest", {"sourceServerIDs": [other]})

    assert client.launch(stage.server_id, "TEST", since=stage.since) == job


def test_the_tags_of_the_run_are_on_the_instance_beside_those_of_the_service(stage: Stage, client: Mgn) -> None:
    stage.launch(client)

    tags = stage.ec2.get_tags(client.find_launched_instance(stage.server_id))
    assert tags.items() >= TAGS.items()
    assert tags["AWSApplicationMigrationServiceSourceServerID"] == stage.server_id
    assert PLACE.subnet_id == stage.ec2.instances[client.find_launched_instance(stage.server_id)]["SubnetId"]
