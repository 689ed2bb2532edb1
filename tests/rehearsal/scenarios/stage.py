"""The world that all scenarios share. It has everything deployed and no cutover started, and is reset in seconds.

A scenario uses the world through a Stage. The Stage injects faults (fault_injection.py), holds a run at an exact step,
and takes the role of CloudFormation for a resource that is a run: Custom::Cutover, or Custom::TestLaunch, which it
requests again.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from common.run import Kind

from rehearsal.checkpoint import reset as reset_world
from rehearsal.checkpoint import save_checkpoint
from rehearsal.client import ledger
from rehearsal.client.ledger import Operation
from rehearsal.errors import RehearsalError
from rehearsal.job.custom_resource import Answer, CustomResource, Pending
from rehearsal.job.rehearse import Job
from rehearsal.job.writers import Writers
from rehearsal.world import enter
from tests.rehearsal.scenarios.fault_injection import OPEN_SECONDS, FaultInjector, wait_for

RESOURCES: dict[str, str] = {"cutover": "Custom::Cutover", "test-launch": "Custom::TestLaunch"}
STACKS: dict[str, str] = {"cutover": "MigrationStack", "test-launch": "TestLaunchStack"}
PREPARE_SECONDS, RUN_SECONDS = 900.0, 600.0


@dataclass(frozen=True)
class RunResult:
    """The response of the custom resource, and when it arrived (seconds since 1970)."""

    succeeded: bool
    reason: str
    ended_at: float
    data: dict[str, Any] = field(default_factory=dict)


class Stage(FaultInjector):
    """The world of the scenarios. Create it with `Stage.prepare`, and call `reset` before each scenario."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.settings, job.aws)
        self.job = job
        self.images_before: set[str] = set()
        """ids of the images and snapshots that existed before the scenario"""
        self._ids = itertools.count(1)
        self.needs_reset = self._writing = False

    # The world

    @classmethod
    def prepare(cls, job: Job) -> Stage:
        """Deploy MigrationStack in a world with a replicated source.

        The cutover waits at its first step while a checkpoint is taken. Then the cutover continues to its end.
        """
        stage, settings = cls(job), job.settings
        failed: list[BaseException] = []

        def deploy() -> None:
            try:
                job.migrate()
            except BaseException as error:  # noqa: BLE001 - the waiting thread raises it
                failed.append(error)

        with stage.inject_fault("function-hold", step="lock") as hold:
            deploying = threading.Thread(target=deploy)
            deploying.start()
            hold.wait(PREPARE_SECONDS)
            stage.stop_writing()
            save_checkpoint(settings, print)
            stage.start_writing()
        deploying.join()
        if failed:
            raise failed[0]
        stage.needs_reset = True
        return stage

    def reset(self, kind: Kind = "cutover") -> None:
        """Reset the world to its checkpoint, before any cutover. `kind` is the kind of the following runs."""
        self.kind, self.powered_off, self.killed_units = kind, {}, []
        if self.needs_reset:
            self.stop_writing()
            try:
                reset_world(self.settings, print)
            except RehearsalError as error:  # five machines boot at once; on a busy host the boot of one may fail
                print(f"reset once more: {error}")
                reset_world(self.settings, print)
        self.needs_reset = False
        self.images_before = self.list_images()

    # The resource

    def start_run(self, cutover_id: str = "") -> Pending:
        """Request a new run, as CloudFormation does. The client writes from the first run on.

        `cutover_id`: that of an earlier run, which the user deploys again.
        """
        self.needs_reset = True
        if not self._writing:
            self.start_writing()
        return self.resource().create(CutoverId=cutover_id or self._make_name())

    def start_writing(self) -> None:
        self.writers.start(self._make_name())
        self._writing = True

    def stop_writing(self) -> None:
        self.writers.stop()
        self._writing = False

    def _make_name(self) -> str:
        """Return a name that this world has never used."""
        return f"scenario-{next(self._ids)}-{int(time.time())}"

    @property
    def writers(self) -> Writers:
        assert self.job.writers
        return self.job.writers

    def resource(self) -> CustomResource:
        return CustomResource.of(self.settings, stack=STACKS[self.kind], kind=RESOURCES[self.kind])

    def delete_resource(self) -> Pending:
        """Delete the resource of the last run, as CloudFormation does."""
        return self.resource().delete(self.get_run_record()["run_id"])

    def wait_for_result(self, pending: Pending, seconds: float = RUN_SECONDS) -> RunResult:
        """Wait for the response to the request. `seconds` is the longest wait."""
        return to_run_result(pending.wait(seconds))

    def run(self, cutover_id: str = "") -> RunResult:
        """Request a run and wait for its result."""
        return self.wait_for_result(self.start_run(cutover_id))

    @contextmanager
    def keep_replicas(self, minutes: int) -> Iterator[None]:
        """Let failed runs keep their replicas while the block runs.

        A deploy with `resume_minutes` in migration.toml would do the same.
        """
        client = self.aws.make_client("lambda")
        (function,) = [
            one for one in client.list_functions()["Functions"] if "ProcedureFunction" in one["FunctionName"]
        ]
        name, variables = function["FunctionName"], function["Environment"]["Variables"]
        changed = {**variables, "CUTOVER_RESUME_MINUTES": str(minutes)}
        client.update_function_configuration(FunctionName=name, Environment={"Variables": changed})
        try:
            yield
        finally:
            client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})

    # Observations

    def list_images(self) -> set[str]:
        """Return the ids of the account's own images and snapshots."""
        ec2 = self.aws.make_client("ec2")
        return {one["ImageId"] for one in ec2.describe_images(Owners=["self"])["Images"]} | {
            one["SnapshotId"] for one in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
        }

    def wait_for_open_source(self) -> None:
        """Wait until the dead man's switch has opened the source."""
        wait_for("the dead man's switch to open the source", OPEN_SECONDS, lambda: self.get_source_mode() == "open")

    def get_source_mode(self) -> str:
        """Return the mode of the source's proxy: open, frozen or forward."""
        return self.run_on("source-app", "cat", "/etc/haproxy/cutover/mode.map").split()[-1]

    def read_operations(self) -> list[Operation]:
        """Return all requests of the client, with their results."""
        return ledger.read(self.writers.ledger)

    def read_steps(self) -> list[dict[str, Any]]:
        """Return the evidence of the last run's steps."""
        run = self.get_run_record()["run_id"]
        return [one for one in self.read_steps_of_all_runs() if f"/{run}/" in one["key"]]

    def read_steps_of_all_runs(self) -> list[dict[str, Any]]:
        """Return the evidence of every run's steps, also of the runs before the scenario."""
        return self.aws.read_records(self.get_replication_facts()["evidence_bucket"])

    def list_running_machines(self) -> dict[str, str]:
        """Return the role of each running machine, by id."""
        return {one.id: one.role for one in enter.list_machines(self.settings) if one.state == "running"}


def to_run_result(response: Answer) -> RunResult:
    """Convert the response of the custom resource."""
    succeeded = response.status == "SUCCESS"
    return RunResult(succeeded=succeeded, reason=response.reason, ended_at=time.time(), data=dict(response.data))
