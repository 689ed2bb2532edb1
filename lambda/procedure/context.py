"""The context of a step: its run, settings, clients and state."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, TypeVar

from common.clients.autoscaling import TargetGroupMembers
from common.clients.compute import Compute
from common.clients.console import Consoles
from common.clients.dms import DatabaseReplication
from common.clients.dns import PublicName
from common.clients.evidence import Evidence
from common.clients.functions import Functions
from common.clients.ingress import TargetIngress
from common.clients.machines import Machines
from common.clients.messages import Messages
from common.clients.parameters import Parameters
from common.clients.provider import Provider
from common.clients.provider_events import ProviderEvents
from common.clients.reports import Reports
from common.clients.run_record import Record
from common.clients.runs import Runs
from common.clock import Clock, format_iso
from common.errors import StepFailed
from common.run import Run
from common.settings import Limits, Settings
from common.site_parameters import Replication, Target

from procedure.commands import Commands
from procedure.state.state import State
from procedure.step import Step

T = TypeVar("T")


class Toolbox(Protocol):
    """Creates the clients of one run: the real ones, or those of a dry run, which only log changes."""

    @property
    def runs(self) -> Runs: ...
    @property
    def parameters(self) -> Parameters: ...
    @property
    def provider(self) -> Provider: ...
    @property
    def provider_events(self) -> ProviderEvents: ...
    @property
    def machines(self) -> Machines: ...
    @property
    def compute(self) -> Compute: ...
    @property
    def consoles(self) -> Consoles: ...
    @property
    def functions(self) -> Functions: ...
    @property
    def people_messages(self) -> Messages: ...
    def create_evidence(self, run_id: str) -> Evidence: ...
    def create_database(self, task_arn: str) -> DatabaseReplication: ...
    def create_reports(self, queue_url: str) -> Reports: ...
    def create_ingress(self, security_group_id: str) -> TargetIngress: ...
    def create_members(self, auto_scaling_group: str) -> TargetGroupMembers: ...
    def create_public_name(self, zone_id: str) -> PublicName: ...
    def resolve(self, name: str) -> frozenset[str]: ...


@dataclass(frozen=True)
class CaughtError:
    """The error that a Catch of the state machine passed to a step."""

    error: Mapping[str, Any] = field(default_factory=dict)
    """empty: nothing was caught"""
    step: str = ""
    """the step that raised it, where the state machine knows it"""


@dataclass
class Context:
    """What a step works with. Changes of `state` are kept when the step returns, not when it raises."""

    run: Run
    step: Step
    settings: Settings
    tools: Toolbox
    clock: Clock
    record: Record
    state: State
    caught: CaughtError = field(default_factory=CaughtError)

    @property
    def limits(self) -> Limits:
        return self.settings.limits

    @cached_property
    def replication(self) -> Replication:
        return self.tools.parameters.read_replication()

    @cached_property
    def target(self) -> Target:
        return self.tools.parameters.read_target(self.run.target)

    @cached_property
    def database(self) -> DatabaseReplication:
        return self.tools.create_database(self.replication.replication_task_arn)

    @cached_property
    def evidence(self) -> Evidence:
        return self.tools.create_evidence(self.run.run_id)

    @cached_property
    def commands(self) -> Commands:
        return Commands(
            machines=self.tools.machines,
            clock=self.clock,
            calls=self.state.calls,
            limit=self.limits.command,
            comment=f"{self.run.run_id} {self.step.name}",
        )

    @property
    def began(self) -> float:
        """Epoch seconds of the step's first invocation."""
        return self.state.began[self.step.name]

    @property
    def time_left(self) -> float:
        """Seconds in which the run may still commit. After that, CloudFormation will have given up waiting."""
        return self.run.deadline - self.clock.now() if self.run.deadline else math.inf

    @property
    def replica(self) -> str:
        """The instance id of the replica that this run launched. StepFailed before there is one."""
        return self.require(self.state.replica.instance_id, "the launched replica")

    def require(self, value: T, meaning: str) -> T:
        """Return a value of the state that an earlier step has written. StepFailed when it is empty."""
        if not value:
            raise StepFailed(
                f"{meaning} is not known: an earlier step did not run",
                next_action="start the procedure from its beginning",
            )
        return value

    def warn(self, message: str) -> None:
        """Add a warning to the run, once."""
        if message not in self.state.warnings:
            self.state.warnings.append(message)

    def format_now(self) -> str:
        """Return the current time in ISO 8601."""
        return format_iso(self.clock.now())
