"""The faults that a scenario injects into a running world, and the repairs that an operator would make."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from common.site_parameters import Parameter, build_parameter_path

from rehearsal.aws.faults import client as faults
from rehearsal.demo_settings import SITE
from rehearsal.dms import control
from rehearsal.errors import RehearsalError
from rehearsal.job.aws import Aws
from rehearsal.on_premises import client as on_premises
from rehearsal.settings import Settings
from rehearsal.world import enter
from rehearsal.world.leaders import kill_leader
from tests.rehearsal.scenarios.providers import registry
from tests.rehearsal.scenarios.providers.cloudendure import CloudEndureScenarios
from tests.rehearsal.scenarios.providers.interface import ScenarioProvider

PROCEDURE, REPORT = "*ProcedureFunction*", "*ReportsFunction*"
ON_EVENT, IS_COMPLETE = "MigrationStack-CustomResourcesOnEvent*", "MigrationStack-CustomResourcesIsComplete*"
HOLD_SECONDS, OPEN_SECONDS, POWER_SECONDS = 240.0, 180.0, 60.0
POLL_INTERVAL_SECONDS = 0.2
POST_LAUNCH = "cutover-post-launch.service"
BEFORE_POST_LAUNCH = "00-scenario"
"""its name in the folder of the scripts that a replica runs"""
INSTANCE = "i-"
FAULT_SCRIPT = "/usr/local/sbin/scenario"
BOOT_ID = "/proc/1/stat"
"""the start time of a machine's first process; the boot id of the kernel would be the host's"""


class FaultInjector:
    """Injects faults into a world. `kind` is the kind of the runs in which the faults occur."""

    def __init__(self, settings: Settings, aws: Aws) -> None:
        self.settings, self.aws = settings, aws
        self.kind = "cutover"
        self.powered_off: dict[str, str] = {}
        """private addresses of the machines that lost power, by id"""
        self.killed_units: list[tuple[str, str]] = []
        """machine and unit of each killed main process"""

    @cached_property
    def provider(self) -> ScenarioProvider:
        """Return the provider of the world."""
        return registry.connect(self.settings, self.aws)

    def inject_fault(self, kind: str, *, step: str = "", **options: Any) -> faults.InjectedFault:
        """Inject a fault into the local AWS. `step` limits it to one step of the procedure."""
        target = {"function": PROCEDURE, "fields": {"run.kind": self.kind, "step": step}} if step else {}
        return faults.inject_fault(self.settings, kind, **target, **options)

    def list_unused_faults(self) -> list[str]:
        """Return the injected faults that never occurred. A scenario with such a fault shows nothing."""
        injected = [*faults.list_faults(self.settings), *self.provider.list_faults()]
        return [
            " ".join(str(one[key]) for key in ("kind", "fields", "path", "action", "status") if one.get(key))
            for one in injected
            if not one["hits"]
        ]

    @contextmanager
    def hold_at(self, step: str, when: str = "before") -> Iterator[None]:
        """Hold the procedure before (or after) the first invocation of a step while the block runs."""
        with self.inject_fault("function-hold", step=step, when=when) as hold:
            hold.wait(HOLD_SECONDS)
            yield
            hold.release()

    def inject_console_fault(self, kind: str, **options: Any) -> None:
        """Inject a fault into CloudEndure's console."""
        assert isinstance(self.provider, CloudEndureScenarios), "this world has no console"
        self.provider.inject_fault(kind, **options)

    def inject_dms_fault(self, kind: str, **values: Any) -> None:
        """Inject a fault into the replication task of DMS."""
        task = self.get_replication_facts()["replication_task_arn"]
        response = control.send_command(self.settings.home / "dms", {"order": kind, "task": task, **values})
        assert response["ok"], response

    def run_on(self, machine: str, *command: str) -> str:
        """Run a command on a machine (role or id) and return its output."""
        done = enter.run(self.settings, machine, command, timeout=120)
        assert done.exit_code == 0, f"{command} on {machine}: {done.stderr[-300:]}"
        return done.stdout

    def inject_during_post_launch(self, command: str) -> None:
        """Let the next replica run `command` as soon as the product's script runs."""
        # The fault needs its own unit, because the processes of a script end with the unit that ran it. A oneshot unit
        # is `activating` while it runs.
        wait_and_inject = (
            f'until [ "$(systemctl is-active {POST_LAUNCH})" = activating ]; do sleep 0.1; done; {command}'
        )
        self._write_script(FAULT_SCRIPT, wait_and_inject)
        self.inject_before_post_launch(f"exec systemd-run --quiet --no-block {FAULT_SCRIPT}")

    def inject_before_post_launch(self, command: str) -> None:
        """Let the next replica run `command` before the product's script. The command is on the source's disk."""
        self._write_script(f"{self.provider.post_launch_folder}/{BEFORE_POST_LAUNCH}", command)
        self.run_on("source-app", "sync")

    def _write_script(self, path: str, line: str) -> None:
        enter.run(self.settings, "source-app", ["tee", path], input=f"#!/bin/sh\n{line}\n", timeout=30)
        self.run_on("source-app", "chmod", "755", path)

    def is_unit_active(self, machine: str, unit: str) -> bool:
        """Return whether a unit is active. On a machine that accepts no command, no unit is active."""
        try:
            done = enter.run(self.settings, machine, ["systemctl", "is-active", "--quiet", unit], timeout=10)
        except RehearsalError:
            return False
        return done.exit_code == 0

    def cut_power(self, role: str) -> str:
        """Cut the power of the first machine with this role and return its id."""
        machines = enter.list_machines(self.settings)
        machine = next(one for one in machines if one.has_role(role) and one.leader is not None)
        assert machine.leader is not None
        assert kill_leader(self.settings, machine.id, machine.leader), f"{machine.id} ended by itself"
        self.powered_off[machine.id] = machine.ip
        return machine.id

    def fill_disk(self, machine: str, folder: str) -> None:
        """Fill the disk of this folder with a file `full`."""
        everything = f"$(df --output=avail -B1 {folder} | tail -1)"
        zeros = f"dd if=/dev/zero of={folder}/full bs=1M 2>/dev/null"
        self.run_on(machine, "sh", "-c", f"fallocate -l {everything} {folder}/full || {zeros}; sync")

    def stop_replication(self) -> None:
        """Stop the replication task through its API, as an operator does, and wait until it has stopped."""
        client, arn = self.aws.make_client("dms"), self.get_replication_facts()["replication_task_arn"]
        client.stop_replication_task(ReplicationTaskArn=arn)
        wait_for("the replication to stop", 60, lambda: self.get_replication_status() == "stopped")

    def get_replication_status(self) -> str:
        """Return the status of the replication task."""
        arn = self.get_replication_facts()["replication_task_arn"]
        found = self.aws.make_client("dms").describe_replication_tasks(
            Filters=[{"Name": "replication-task-arn", "Values": [arn]}]
        )["ReplicationTasks"][0]
        return str(found["Status"])

    def power_on(self, machine: str) -> None:
        """Start a stopped machine, as its owner does, and wait until it runs commands."""
        if not machine.startswith(INSTANCE):
            on_premises.send_command(self.settings, "start", machine=machine)
            return
        ec2 = self.aws.make_client("ec2")
        wait_for(f"{machine} to be stopped", POWER_SECONDS, lambda: self.get_instance_state(ec2, machine) == "stopped")
        ec2.start_instances(InstanceIds=[machine])
        wait_for(f"{machine} to boot", POWER_SECONDS, lambda: self._has_booted(machine, ""))

    @staticmethod
    def get_instance_state(ec2: Any, machine: str) -> str:
        """Return the state of an instance as EC2 shows it."""
        (reservation,) = ec2.describe_instances(InstanceIds=[machine])["Reservations"]
        return str(reservation["Instances"][0]["State"]["Name"])

    def restart_killed(self, role: str) -> None:
        """Start the machine of this role if it has no power, then the units that a fault killed on it.

        Call it after the site had the time to recover by itself. The checks need the machine and its units.
        """
        for machine in enter.list_machines(self.settings):
            if machine.has_role(role) and machine.id in self.powered_off and machine.state != "running":
                self.power_on(machine.id)
        for machine_name, unit in self.killed_units:
            if machine_name == role:
                self.run_on(role, "systemctl", "start", unit)

    def kill_unit(self, machine: str, unit: str) -> None:
        """Kill the main process of a unit. systemd on the machine may restart it."""
        self.killed_units.append((machine, unit))
        self.run_on(machine, "systemctl", "kill", "--kill-whom=main", "--signal=KILL", unit)

    def reboot(self, role: str) -> None:
        """Reboot a machine and wait until it has restarted."""
        boot = self.run_on(role, "cat", BOOT_ID)
        self.run_on(role, "systemctl", "reboot")
        wait_for(f"{role} to restart", 60, lambda: self._has_booted(role, boot))

    def _has_booted(self, role: str, previous_boot: str) -> bool:
        try:
            done = enter.run(self.settings, role, ["cat", BOOT_ID], timeout=10)
        except RehearsalError:
            return False
        return done.exit_code == 0 and done.stdout != previous_boot

    def stop_execution(self) -> None:
        """Stop the execution of the run, as an operator does. This starts no roll back."""
        client, run = self.aws.make_client("stepfunctions"), self.get_run_record()["run_id"]
        for machine in client.list_state_machines()["stateMachines"]:
            for one in client.list_executions(stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING")[
                "executions"
            ]:
                if one["name"] == run:
                    client.stop_execution(executionArn=one["executionArn"], error="Stopped", cause="by hand")
                    return
        raise AssertionError(f"no execution {run} runs")

    # Observations

    def get_replication_facts(self) -> dict[str, Any]:
        """Return the parameter in which ReplicationStack publishes its facts."""
        return self.aws.read_parameter(build_parameter_path(SITE, Parameter.REPLICATION))

    def get_target_facts(self) -> dict[str, Any]:
        """Return the parameter in which TestLaunchStack publishes its facts."""
        return self.aws.read_parameter(build_parameter_path(SITE, Parameter.TARGET))

    def get_run_record(self) -> dict[str, str]:
        """Return the attributes of the run record as strings."""
        item = self.aws.make_client("dynamodb").get_item(
            TableName=self.get_replication_facts()["runs_table"], Key={"site": {"S": SITE}}, ConsistentRead=True
        )
        return {name: str(next(iter(value.values()))) for name, value in item.get("Item", {}).items()}


def wait_for(description: str, seconds: float, condition: Callable[[], bool]) -> None:
    """Wait until the condition is true.

    Raises:
        AssertionError: The condition is not true after `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {description}"
        time.sleep(POLL_INTERVAL_SECONDS)
