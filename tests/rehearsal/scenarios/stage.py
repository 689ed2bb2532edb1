"""The world that all scenarios share: made once, with everything deployed and the cutover not begun, reset in seconds.

A scenario sees the world through a Stage: it orders failures (plugs.py), acts at an exact step, and is CloudFormation
for a resource that is a run: Custom::Cutover, or Custom::TestLaunch, which here is asked for once more.
"""

from __future__ import annotations

import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from common.run import Kind

from rehearsal.checkpoint import checkpoint, reset
from rehearsal.client import ledger
from rehearsal.client.ledger import Operation
from rehearsal.errors import RehearsalError
from rehearsal.job.custom_resource import Answer, CustomResource, Pending
from rehearsal.job.rehearse import Job
from rehearsal.job.writers import Writers
from rehearsal.world import enter
from tests.rehearsal.scenarios.plugs import OPEN_SECONDS, Plugs, wait

STACK = "MigrationStack"
RESOURCES: dict[str, str] = {"cutover": "Custom::Cutover", "test-launch": "Custom::TestLaunch"}
PREPARE_SECONDS, RUN_SECONDS = 900.0, 600.0


@dataclass(frozen=True)
class Ended:
    """How the resource ended, and when it said so (seconds since 1970)."""

    ok: bool
    reason: str
    at: float
    data: dict[str, Any] = field(default_factory=dict)


class Stage(Plugs):
    """Use `Stage.prepared`. Before each scenario call `restore`."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.settings, job.aws)
        self.job = job
        self.before: set[str] = set()
        """images and snapshots that there were before the scenario"""
        self._ids = itertools.count(1)
        self.used = self._writing = False

    # The world

    @classmethod
    def prepared(cls, job: Job) -> Stage:
        """Deploys MigrationStack of a world with a replicated source, keeps the moment before its cutover aside, lets
        it end.
        """
        stage, settings = cls(job), job.settings
        failed: list[BaseException] = []

        def deploy() -> None:
            try:
                job.migrate()
            except BaseException as error:  # noqa: BLE001 - told by the thread that waits
                failed.append(error)

        with stage.order("function-hold", step="lock") as hold:
            deploying = threading.Thread(target=deploy)
            deploying.start()
            hold.wait(PREPARE_SECONDS)
            stage.stop_writing()
            checkpoint(settings, print)
            stage.start_writing()
        deploying.join()
        if failed:
            raise failed[0]
        stage.used = True
        return stage

    def restore(self, kind: Kind = "cutover") -> None:
        """The world is as it was before any cutover. `kind`: of the runs that come."""
        self.kind, self.killed, self.ended_units = kind, {}, []
        if self.used:
            self.stop_writing()
            try:
                reset(self.settings, print)
            except RehearsalError as error:  # five machines that boot at once on a busy host: one may not come up
                print(f"reset once more: {error}")
                reset(self.settings, print)
        self.used = False
        self.before = self.images()

    # The resource

    def begin(self) -> Pending:
        """CloudFormation asks for a new run. The client writes from the first one on."""
        self.used = True
        if not self._writing:
            self.start_writing()
        return self.resource().create(CutoverId=self._name())

    def start_writing(self) -> None:
        self.writers.start(self._name())
        self._writing = True

    def stop_writing(self) -> None:
        self.writers.stop()
        self._writing = False

    def _name(self) -> str:
        """A name that was never used in this world."""
        return f"scenario-{next(self._ids)}-{int(time.time())}"

    @property
    def writers(self) -> Writers:
        assert self.job.writers
        return self.job.writers

    def resource(self) -> CustomResource:
        return CustomResource.of(self.settings, stack=STACK, kind=RESOURCES[self.kind])

    def delete(self) -> Pending:
        """CloudFormation deletes the resource of the last run."""
        return self.resource().delete(self.record()["run_id"])

    def end(self, pending: Pending, seconds: float = RUN_SECONDS) -> Ended:
        return ended(pending.wait(seconds))

    def run(self) -> Ended:
        """From the request to CloudFormation's answer."""
        return self.end(self.begin())

    cutover = run

    # What there is to see

    def images(self) -> set[str]:
        """Ids of the account's own images and snapshots."""
        ec2 = self.aws.client("ec2")
        return {one["ImageId"] for one in ec2.describe_images(Owners=["self"])["Images"]} | {
            one["SnapshotId"] for one in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
        }

    def await_open_source(self) -> None:
        wait("the source to open by itself", OPEN_SECONDS, lambda: self.mode_of_source() == "open")

    def mode_of_source(self) -> str:
        """Of its proxy: open, frozen or forward."""
        return self.on("source-app", "cat", "/etc/haproxy/cutover/mode.map").split()[-1]

    def operations(self) -> list[Operation]:
        return ledger.read(self.writers.ledger)

    def steps(self) -> list[dict[str, Any]]:
        """What the evidence says of the last run."""
        run = self.record()["run_id"]
        return [one for one in self.aws.records(self.facts()["evidence_bucket"]) if f"/{run}/" in one["key"]]

    def machines(self) -> dict[str, str]:
        """Role of each machine that runs, by id."""
        return {one.id: one.role for one in enter.machines(self.settings) if one.state == "running"}


def ended(answer: Answer) -> Ended:
    return Ended(ok=answer.status == "SUCCESS", reason=answer.reason, at=time.time(), data=dict(answer.data))
