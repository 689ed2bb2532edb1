"""A migration with hooks at every point: one that a hook stops in its window, then the same without the failure.

People get messages about both. `make scenarios` runs it in a world of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal.job.deploys import DeployFailed
from rehearsal.job.rehearse import Job
from tests.rehearsal.owner_hooks.hooks import FAILS, FUNCTION_POINT, PLACES, REASON, install, run_on
from tests.rehearsal.owner_hooks.inbox import Inbox
from tests.rehearsal.scenarios.worlds import replicated_world

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def job() -> Iterator[Job]:
    with replicated_world() as job:
        install(job)
        yield job


@pytest.fixture(scope="module")
def inbox(job: Job) -> Inbox:
    return Inbox(job)


def read_record(job: Job) -> dict[str, Any]:
    """Return the run record as DynamoDB has it."""
    items = job.aws.make_client("dynamodb").scan(TableName="cutover-gogs-runs")["Items"]
    (record,) = [item for item in items if item["site"]["S"] == "gogs"]
    return dict(record)


def read_hooks(job: Job) -> list[dict[str, Any]]:
    """Return the hooks of the last run, from its run record."""
    found: list[dict[str, Any]] = json.loads(read_record(job)["hooks"]["S"])
    return found


def read_lines(job: Job) -> dict[str, list[str]]:
    """Return the output of each hook that passed, by its point."""
    records = job.aws.read_records(job.survey.facts["evidence_bucket"])
    return {one["point"]: one["lines"] for one in records if "/hook-" in one["key"] and one["outcome"] == "passed"}


def test_a_required_hook_in_the_window_stops_the_migration(job: Job, inbox: Inbox) -> None:
    # Given a hook that fails after the freeze
    run_on(job, "source-app", "touch", FAILS)
    # When the user deploys the migration
    with pytest.raises(DeployFailed) as failed:
        job.migrate()
    # Then the deploy names the hook and its last line
    assert f"hook rehearsed-after-freeze ended with 3: {REASON}" in str(failed.value)
    # And the hook of the roll back has run on the source, which serves
    assert [(one["point"], one["outcome"]) for one in read_hooks(job)] == [
        ("after-acceptance", "passed"),
        ("before-freeze", "passed"),
        ("after-freeze", "failed"),
        ("on-rollback", "passed"),
    ]
    assert job.writers
    job.writers.wait_for_writes(10, 60.0, print)
    # And people know it
    notifications = inbox.take()
    assert [one["metadata"]["eventType"] for one in notifications] == ["test-passed", "frozen", "rolled-back"]
    assert REASON in notifications[-1]["content"]["description"]


def test_a_migration_runs_one_hook_at_each_point(job: Job, inbox: Inbox) -> None:
    # Given the same migration without the failure
    run_on(job, "source-app", "rm", FAILS)
    # When the user deploys it
    job.migrate()
    job.require_writes()
    job.look_up()
    # Then every hook has run on its machine, as root, with its input
    hooks = read_hooks(job)
    assert [one["point"] for one in hooks] == [
        "after-acceptance",
        "before-freeze",
        "after-freeze",
        "before-commit",
        FUNCTION_POINT,
    ]
    assert {one["outcome"] for one in hooks} == {"passed"}
    assert hooks[-1]["line"].startswith("announced ")
    lines = read_lines(job)
    assert lines.keys() == {*PLACES, FUNCTION_POINT}
    for point, role in PLACES.items():
        assert lines[point] == [f"{point} on {role}", "ran as root"]
    # And no write is lost, and none has failed
    assert job.evidence.ledger["lost"] == []
    assert job.evidence.ledger["pause"]["failed_operations"] == 0
    # And people know it
    assert [one["metadata"]["eventType"] for one in inbox.take()] == ["frozen", "committed"]
    assert all(json.loads(read_record(job)["messages"]["S"]).values())
    print("hooks", [(one["point"], one["seconds"]) for one in hooks])
    print("window", job.evidence.ledger["pause"])
