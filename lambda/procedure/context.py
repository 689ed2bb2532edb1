"""What a step works with, and what it answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from common.clients.admission import Admission
from common.clients.autoscaling import TargetGroupMembers
from common.clients.compute import Compute
from common.clients.console import Consoles
from common.clients.dms import DatabaseReplication
from common.clients.dns import PublicName
from common.clients.evidence import Evidence
from common.clients.machines import Machines
from common.clients.parameters import Parameters
from common.clients.provider import Provider
from common.clients.reports import Reports
from common.clients.run_record import Record
from common.clients.runs import Runs
from common.clock import Clock, iso
from common.errors import RetryableCommandError, StepFailed
from common.run import Replication, Run, Target
from common.settings import Limits, Settings

from procedure.plan import Step

DELIVERIES = 3
"""how often a command is sent that never reaches its machine"""


@dataclass(frozen=True)
class Done:
    """The step has done what it promises. `facts` go into the evidence."""

    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pending:
    """Not done yet. `waiting_for` is what the operator reads when the time is up."""

    waiting_for: str
    machine: str = ""
    next_action: str = ""


Outcome = Done | Pending


class Toolbox(Protocol):
    """Makes the clients of one run: the real ones, or the ones that only tell what they would do."""

    @property
    def runs(self) -> Runs: ...
    @property
    def parameters(self) -> Parameters: ...
    @property
    def provider(self) -> Provider: ...
    @property
    def machines(self) -> Machines: ...
    @property
    def compute(self) -> Compute: ...
    @property
    def consoles(self) -> Consoles: ...
    def evidence(self, run_id: str) -> Evidence: ...
    def database(self, task_arn: str) -> DatabaseReplication: ...
    def reports(self, queue_url: str) -> Reports: ...
    def admission(self, security_group_id: str) -> Admission: ...
    def members(self, auto_scaling_group: str) -> TargetGroupMembers: ...
    def public_name(self, zone_id: str) -> PublicName: ...


@dataclass
class Context:
    """`memory` is what earlier steps left for later ones; it travels in the execution's state, so it stays small and holds no secret."""

    run: Run
    step: Step
    settings: Settings
    tools: Toolbox
    clock: Clock
    record: Record
    memory: dict[str, Any]

    @property
    def limits(self) -> Limits:
        return self.settings.limits

    @cached_property
    def replication(self) -> Replication:
        return self.tools.parameters.replication()

    @cached_property
    def target(self) -> Target:
        return self.tools.parameters.target(self.run.target)

    @cached_property
    def database(self) -> DatabaseReplication:
        return self.tools.database(self.replication.replication_task_arn)

    @cached_property
    def evidence(self) -> Evidence:
        return self.tools.evidence(self.run.run_id)

    @property
    def began(self) -> float:
        """When the step was begun, whatever invocation that was."""
        return float(self.memory["began"][self.step.name])

    @property
    def time_left(self) -> float:
        """Seconds until the run may not pass the point of no return any more, because whoever deploys will have given up waiting."""
        return self.run.deadline - self.clock.now() if self.run.deadline else math.inf

    @property
    def replica(self) -> str:
        """Instance id of the replica that this run launched. StepFailed before there is one."""
        return self.required("instance_id", "the launched replica")

    def required(self, key: str, meaning: str) -> str:
        value = self.memory.get(key)
        if not value:
            raise StepFailed(
                f"{meaning} is not known: an earlier step did not run",
                next_action="start the procedure from its beginning",
            )
        return str(value)

    def begin(
        self,
        key: str,
        instance_id: str,
        verb: str,
        options: Mapping[str, str | int | bool] | None = None,
        *,
        limit: int = 0,
    ) -> dict[str, Any]:
        """Sends a command, unless it was sent under this key; answers what is known of the call. Does not look at its answer."""
        calls: dict[str, dict[str, Any]] = self.memory.setdefault("calls", {})
        call = calls.get(key)
        if call is None or call["instance"] != instance_id:
            call = calls[key] = {"instance": instance_id, "sent": self.clock.now(), "tries": 1, "id": ""}
        if not call["id"]:
            seconds, comment = limit or self.limits.command, f"{self.run.run_id} {self.step.name}"
            call["id"] = self.tools.machines.send(instance_id, verb, options or {}, seconds=seconds, comment=comment)
        return call

    def command(
        self,
        key: str,
        instance_id: str,
        verb: str,
        options: Mapping[str, str | int | bool] | None = None,
        *,
        limit: int = 0,
    ) -> dict[str, Any] | None:
        """What the machine answered, None while it works. The first call sends the command, later ones with the same key ask for its answer.

        StepFailed with the machine's own reason when it says no.
        """
        call = self.begin(key, instance_id, verb, options, limit=limit)
        try:
            answer = self.tools.machines.poll(call["id"], instance_id, verb)
        except RetryableCommandError:
            if call["tries"] >= DELIVERIES:
                raise
            call.update(id="", tries=call["tries"] + 1, sent=self.clock.now())
            return None
        if answer is None:
            return None
        if not answer.ok:
            self.forget(key)  # a repeated step asks the machine again instead of reading the same no
            reason = str(answer.facts.get("reason") or f"{verb} failed")
            raise StepFailed(reason, machine=instance_id, next_action=str(answer.facts.get("next") or ""))
        return dict(answer.facts)

    def insist(
        self,
        key: str,
        instance_id: str,
        verb: str,
        options: Mapping[str, str | int | bool],
        *,
        waiting_for: str,
        limit: int = 0,
    ) -> dict[str, Any] | Pending:
        """As command(), but a machine that says no is asked again: what it was asked must be done, and its no may pass. Pending says its reason."""
        try:
            answer = self.command(key, instance_id, verb, options, limit=limit)
        except StepFailed as no:
            return Pending(f"{waiting_for}: {no.reason}", machine=instance_id, next_action=no.next_action)
        return Pending(waiting_for, machine=instance_id) if answer is None else answer

    def sent_at(self, key: str) -> float:
        return float(self.memory["calls"][key]["sent"])

    def forget(self, *keys: str) -> None:
        """The next command() of these keys is sent anew."""
        for key in keys:
            self.memory.get("calls", {}).pop(key, None)

    def warn(self, message: str) -> None:
        warnings: list[str] = self.memory.setdefault("warnings", [])
        if message not in warnings:
            warnings.append(message)

    def stamp(self) -> str:
        return iso(self.clock.now())
