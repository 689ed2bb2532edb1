"""How a scenario breaks things in a running world, and mends what only people can."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from common.site_parameters import Parameter, parameter_path

from rehearsal.aws.faults import client as faults
from rehearsal.demo_settings import SITE
from rehearsal.dms import control
from rehearsal.errors import RehearsalError
from rehearsal.job.aws import Aws
from rehearsal.settings import Settings
from rehearsal.world import enter

PROCEDURE, REPORTING = "*ProcedureFunction*", "*ReportsFunction*"
ON_EVENT, IS_COMPLETE = "MigrationStack-CustomResourcesOnEvent*", "MigrationStack-CustomResourcesIsComplete*"
HELD_SECONDS, OPEN_SECONDS, POWER_SECONDS = 240.0, 180.0, 60.0
LOOK_SECONDS = 0.2
POST_LAUNCH, BEFORE_POST_LAUNCH = "cutover-post-launch.service", "/boot/ce_conversion/00-scenario"
STRIKE = "/usr/local/sbin/scenario"
BOOT_ID = "/proc/1/stat"
"""of a machine: says when its first process was started (the kernel's own boot id is the host's)"""


class Plugs:
    """`kind`: of the runs that the scenario is about, of the same kind are the steps that it names."""

    def __init__(self, settings: Settings, aws: Aws) -> None:
        self.settings, self.aws = settings, aws
        self.kind = "cutover"
        self.killed: dict[str, str] = {}
        """private addresses of machines that lost their power, by id"""
        self.ended_units: list[tuple[str, str]] = []
        """machine and unit of each main process that was killed"""

    def order(self, kind: str, *, step: str = "", **options: Any) -> faults.Ordered:
        """At the local AWS. `step`: of the procedure."""
        target = {"function": PROCEDURE, "fields": {"run.kind": self.kind, "step": step}} if step else {}
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
        answer = control.send_command(self.settings.home / "dms", {"order": order, "task": task, **values})
        assert answer["ok"], answer

    def on(self, machine: str, *command: str) -> str:
        """Output of a command on a machine, by role or id."""
        done = enter.run(self.settings, machine, command, timeout=120)
        assert done.exit_code == 0, f"{command} on {machine}: {done.stderr[-300:]}"
        return done.stdout

    def before_post_launch(self, command: str) -> None:
        """The next replica runs `command` as soon as the product's script is at work."""
        # A unit of its own: what a script leaves running ends with the unit that ran it. And a oneshot says
        # `activating` while it works.
        wait_and_strike = (
            f'until [ "$(systemctl is-active {POST_LAUNCH})" = activating ]; do sleep 0.1; done; {command}'
        )
        self._script(STRIKE, wait_and_strike)
        self.before_scripts(f"exec systemd-run --quiet --no-block {STRIKE}")

    def before_scripts(self, command: str) -> None:
        """The next replica runs `command` before the product's script. The source's disk carries it there."""
        self._script(BEFORE_POST_LAUNCH, command)
        self.on("source-app", "sync")

    def _script(self, path: str, line: str) -> None:
        enter.run(self.settings, "source-app", ["tee", path], input=f"#!/bin/sh\n{line}\n", timeout=30)
        self.on("source-app", "chmod", "755", path)

    def runs(self, machine: str, unit: str) -> bool:
        """False also for a machine that cannot be entered."""
        try:
            done = enter.run(self.settings, machine, ["systemctl", "is-active", "--quiet", unit], timeout=10)
        except RehearsalError:
            return False
        return done.exit_code == 0

    def kill(self, role: str) -> str:
        """The first machine with this role loses its power; its id."""
        machine = next(one for one in enter.machines(self.settings) if one.role == role and one.leader is not None)
        assert machine.leader is not None
        os.kill(machine.leader, signal.SIGKILL)
        self.killed[machine.id] = machine.ip
        return machine.id

    def fill(self, machine: str, folder: str) -> None:
        """The disk below this folder, with a file `full` in it."""
        everything = f"$(df --output=avail -B1 {folder} | tail -1)"
        zeros = f"dd if=/dev/zero of={folder}/full bs=1M 2>/dev/null"
        self.on(machine, "sh", "-c", f"fallocate -l {everything} {folder}/full || {zeros}; sync")

    def stop_replication(self) -> None:
        """By its API, as a person does. Returns when it has stopped."""
        client, arn = self.aws.client("dms"), self.facts()["replication_task_arn"]
        client.stop_replication_task(ReplicationTaskArn=arn)
        wait("the replication to stop", 60, lambda: self.replication_status() == "stopped")

    def replication_status(self) -> str:
        arn = self.facts()["replication_task_arn"]
        found = self.aws.client("dms").describe_replication_tasks(
            Filters=[{"Name": "replication-task-arn", "Values": [arn]}]
        )["ReplicationTasks"][0]
        return str(found["Status"])

    def power_on(self, machine: str) -> None:
        """As its owner does who has found an instance stopped. Returns when the machine answers."""
        ec2 = self.aws.client("ec2")
        wait(f"{machine} to be stopped", POWER_SECONDS, lambda: self._state(ec2, machine) == "stopped")
        ec2.start_instances(InstanceIds=[machine])
        wait(f"{machine} to boot", POWER_SECONDS, lambda: self._answers(machine, ""))

    @staticmethod
    def _state(ec2: Any, machine: str) -> str:
        (reservation,) = ec2.describe_instances(InstanceIds=[machine])["Reservations"]
        return str(reservation["Instances"][0]["State"]["Name"])

    def bring_back(self, role: str) -> None:
        """Start the machine of this role, and on it the units that were killed, where nothing has done so yet. Returns
        when they work.

        So that what a fault has taken away can be looked at, once it is known what the site does by itself.
        """
        for machine in enter.machines(self.settings):
            if machine.role == role and machine.id in self.killed and machine.state != "running":
                self.power_on(machine.id)
        for machine_name, unit in self.ended_units:
            if machine_name == role:
                self.on(role, "systemctl", "start", unit)

    def kill_unit(self, machine: str, unit: str) -> None:
        """Its main process dies at once; what systemd does about it is the machine's business."""
        self.ended_units.append((machine, unit))
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
        """The run's, by hand: nothing of it is rolled back."""
        client, run = self.aws.client("stepfunctions"), self.record()["run_id"]
        for machine in client.list_state_machines()["stateMachines"]:
            for one in client.list_executions(stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING")[
                "executions"
            ]:
                if one["name"] == run:
                    client.stop_execution(executionArn=one["executionArn"], error="Stopped", cause="by hand")
                    return
        raise AssertionError(f"no execution {run} runs")

    # What there is to see

    def facts(self) -> dict[str, Any]:
        return self.aws.parameter(parameter_path(SITE, Parameter.REPLICATION))

    def record(self) -> dict[str, str]:
        """The run record, plain."""
        item = self.aws.client("dynamodb").get_item(
            TableName=self.facts()["runs_table"], Key={"site": {"S": SITE}}, ConsistentRead=True
        )
        return {name: str(next(iter(value.values()))) for name, value in item.get("Item", {}).items()}


def wait(what: str, seconds: float, true: Callable[[], bool]) -> None:
    """Until it is true. Raises AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(LOOK_SECONDS)
