"""The world that all scenarios share: made once, with everything deployed and the cutover not begun, reset in seconds.

A scenario sees the world through a Stage: it orders failures, acts at an exact step, and is CloudFormation for the resource Custom::Cutover.
"""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from rehearsal.aws.faults import client as faults
from rehearsal.checkpoint import checkpoint, reset
from rehearsal.client import ledger
from rehearsal.client.ledger import Operation
from rehearsal.demo_settings import SITE
from rehearsal.dms import control
from rehearsal.errors import RehearsalError
from rehearsal.job.custom_resource import Answer, CustomResource, Pending
from rehearsal.job.rehearse import Job
from rehearsal.job.writers import Writers
from rehearsal.world import enter

PROCEDURE, REPORTING = "*ProcedureFunction*", "*ReportsFunction*"
STACK, RESOURCE = "MigrationStack", "Custom::Cutover"
PREPARE_SECONDS, HELD_SECONDS, RUN_SECONDS, OPEN_SECONDS = 900.0, 240.0, 600.0, 180.0
LOOK_SECONDS = 0.2
POST_LAUNCH, BEFORE_POST_LAUNCH = "cutover-post-launch.service", "/boot/ce_conversion/00-scenario"
STRIKE = "/usr/local/sbin/scenario"
BOOT_ID = "/proc/1/stat"
"""of a machine: says when its first process was started (the kernel's own boot id is the host's)"""


@dataclass(frozen=True)
class Ended:
    """How the resource ended, and when it said so (seconds since 1970)."""

    ok: bool
    reason: str
    at: float
    data: dict[str, Any] = field(default_factory=dict)


class Stage:
    """Use `Stage.prepared`. Between two scenarios call `restore`."""

    def __init__(self, job: Job) -> None:
        self.settings, self.job, self.aws = job.settings, job, job.aws
        self._ids = itertools.count(1)
        self.used = self._writing = False

    # The world

    @classmethod
    def prepared(cls, job: Job) -> Stage:
        """Deploys MigrationStack of a world with a replicated source, keeps the moment before its cutover aside, lets it end."""
        stage, settings = cls(job), job.settings
        failed: list[BaseException] = []

        def deploy() -> None:
            try:
                job.migrate()
            except BaseException as error:  # noqa: BLE001 - told by the thread that waits
                failed.append(error)

        with faults.order(settings, "function-hold", function=PROCEDURE, fields=_step("lock")) as hold:
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

    def restore(self) -> None:
        """The world is as it was before any cutover."""
        if self.used:
            self.stop_writing()
            try:
                reset(self.settings, print)
            except RehearsalError as error:  # five machines that boot at once on a busy host: one may not come up
                print(f"reset once more: {error}")
                reset(self.settings, print)
        self.used = False

    # The resource

    def begin(self) -> Pending:
        """CloudFormation asks for the cutover: a new run. The client writes from the first one on."""
        self.used = True
        if not self._writing:
            self.start_writing()
        return self.resource().create(CutoverId=self._run())

    def start_writing(self) -> None:
        self.writers.start(self._run())
        self._writing = True

    def stop_writing(self) -> None:
        self.writers.stop()
        self._writing = False

    def _run(self) -> str:
        """A name that was never used in this world."""
        return f"scenario-{next(self._ids)}-{int(time.time())}"

    @property
    def writers(self) -> Writers:
        assert self.job.writers
        return self.job.writers

    def resource(self) -> CustomResource:
        return CustomResource.of(self.settings, stack=STACK, kind=RESOURCE)

    def delete(self) -> Pending:
        """CloudFormation deletes the resource of the last run."""
        return self.resource().delete(self.record()["run_id"])

    def end(self, pending: Pending, seconds: float = RUN_SECONDS) -> Ended:
        return ended(pending.wait(seconds))

    def cutover(self) -> Ended:
        """From the request to CloudFormation's answer."""
        return self.end(self.begin())

    # Failures

    def order(self, kind: str, *, step: str = "", **options: Any) -> faults.Ordered:
        """At the local AWS. `step`: of the cutover's procedure."""
        target = {"function": PROCEDURE, "fields": _step(step)} if step else {}
        return faults.order(self.settings, kind, **target, **options)

    def idle_faults(self) -> list[str]:
        """What is ordered and has hit nothing: then nothing was broken, and nothing is shown."""
        console = requests.get(f"{self.settings.console_url}/_rehearsal/faults", timeout=30).json()["faults"]
        standing = [*faults.ordered(self.settings), *console]
        return [
            " ".join(str(one[key]) for key in ("kind", "fields", "path", "status") if one.get(key))
            for one in standing
            if not one["hits"]
        ]

    @contextmanager
    def at(self, step: str, when: str = "before") -> Iterator[None]:
        """The block runs while the procedure is held before (or after) a step's first invocation; then it goes on."""
        with self.order("function-hold", step=step, when=when) as hold:
            hold.wait(HELD_SECONDS)
            yield
            hold.release()

    def console(self, kind: str, **options: Any) -> None:
        requests.post(
            f"{self.settings.console_url}/_rehearsal/faults", json={"kind": kind, **options}, timeout=30
        ).raise_for_status()

    def backlog(self) -> int:
        """Bytes of the source's disk that the console has not copied yet."""
        answer = requests.get(f"{self.settings.console_url}/_rehearsal/replication", timeout=30)
        answer.raise_for_status()
        return sum(int(machine["info"].get("backloggedStorageBytes") or 0) for machine in answer.json()["machines"])

    def dms(self, order: str, **values: Any) -> None:
        task = self.facts()["replication_task_arn"]
        answer = control.order(self.settings.home / "dms", {"order": order, "task": task, **values})
        assert answer["ok"], answer

    def on(self, machine: str, *command: str) -> str:
        """Output of a command on a machine, by role or id."""
        done = enter.run(self.settings, machine, command, timeout=120)
        assert done.exit_code == 0, f"{command} on {machine}: {done.stderr[-300:]}"
        return done.stdout

    def before_post_launch(self, command: str) -> None:
        """The next replica runs `command` as soon as the product's script is at work. The source's disk carries it there."""
        # A unit of its own: what a script leaves running ends with the unit that ran it. And a oneshot says `activating` while it works.
        wait_and_strike = (
            f'until [ "$(systemctl is-active {POST_LAUNCH})" = activating ]; do sleep 0.1; done; {command}'
        )
        for path, line in (
            (STRIKE, wait_and_strike),
            (BEFORE_POST_LAUNCH, f"exec systemd-run --quiet --no-block {STRIKE}"),
        ):
            enter.run(self.settings, "source-app", ["tee", path], input=f"#!/bin/sh\n{line}\n", timeout=30)
            self.on("source-app", "chmod", "755", path)
        self.on("source-app", "sync")

    def kill(self, role: str) -> str:
        """The first machine with this role loses its power; its id."""
        machine = next(one for one in enter.machines(self.settings) if one.role == role and one.leader is not None)
        assert machine.leader is not None
        os.kill(machine.leader, signal.SIGKILL)
        return machine.id

    def kill_unit(self, machine: str, unit: str) -> None:
        """Its main process dies at once; what systemd does about it is the machine's business."""
        self.on(machine, "systemctl", "kill", "--kill-whom=main", "--signal=KILL", unit)

    def reboot(self, role: str) -> None:
        """Returns when the machine has restarted."""
        boot = self.on(role, "cat", BOOT_ID)
        self.on(role, "systemctl", "reboot")
        wait(f"{role} to restart", 60, lambda: self._answers(role, boot))

    def _answers(self, role: str, boot: str) -> bool:
        try:
            done = enter.run(self.settings, role, ["cat", BOOT_ID], timeout=10)
        except RehearsalError:
            return False
        return done.exit_code == 0 and done.stdout != boot

    def stop_execution(self) -> None:
        """The cutover's, by hand: nothing of it is rolled back."""
        client, run = self.aws.client("stepfunctions"), self.record()["run_id"]
        for machine in client.list_state_machines()["stateMachines"]:
            for one in client.list_executions(stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING")[
                "executions"
            ]:
                if one["name"] == run:
                    client.stop_execution(executionArn=one["executionArn"], error="Stopped", cause="by hand")
                    return
        raise AssertionError(f"no execution {run} runs")

    def await_open_source(self) -> None:
        wait("the source to open by itself", OPEN_SECONDS, lambda: self.mode_of_source() == "open")

    # What there is to see

    def facts(self) -> dict[str, Any]:
        return self.aws.parameter(f"/cutover/{SITE}/replication")

    def record(self) -> dict[str, str]:
        """The run record, plain."""
        item = self.aws.client("dynamodb").get_item(
            TableName=self.facts()["runs_table"], Key={"site": {"S": SITE}}, ConsistentRead=True
        )
        return {name: str(next(iter(value.values()))) for name, value in item.get("Item", {}).items()}

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


def _step(name: str) -> dict[str, str]:
    return {"run.kind": "cutover", "step": name}


def wait(what: str, seconds: float, true: Callable[[], bool]) -> None:
    """Until it is true. Raises AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(LOOK_SECONDS)
