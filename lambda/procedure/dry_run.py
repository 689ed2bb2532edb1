"""Run the same procedure with clients that read the real services and only log what they would change.

The state machine is started with `run.dry_run`: true. Reads go to the real services; every change becomes a log line `would`. The run record
is another item (`<site>#dry-run`), so that a dry run does not use the site's lock.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from common.clients.autoscaling import TargetGroupMembers
from common.clients.console import Consoles
from common.clients.evidence import Evidence
from common.clients.provider_events import NoProviderEvents, ProviderEvents
from common.run import DRY_RUN, Run

from procedure.context import Toolbox
from procedure.dry_clients.machines import DryMachines
from procedure.dry_clients.notifications import DryFunctions, DryMessages
from procedure.dry_clients.provider import DryProvider
from procedure.dry_clients.resources import DryCompute, DryDatabase, DryParameters
from procedure.dry_clients.results import LogChange
from procedure.dry_clients.run import DryReports, DryRuns
from procedure.dry_clients.traffic import DryIngress, DryName


class DryTools:
    """Implements procedure.context.Toolbox."""

    def __init__(self, real: Toolbox, run: Run, log_change: LogChange) -> None:
        self._real, self._run, self._log_change = real, run, log_change

    @cached_property
    def runs(self) -> Any:
        return self._real.runs.create_sibling(DryRuns, DRY_RUN)

    @cached_property
    def parameters(self) -> Any:
        return DryParameters(self._real.parameters, self._log_change)

    @cached_property
    def provider(self) -> Any:
        return DryProvider(self._real.provider, self._log_change)

    @property
    def provider_events(self) -> ProviderEvents:
        return NoProviderEvents()  # a received event is deleted, and would be lost for a run beside this one

    @cached_property
    def machines(self) -> Any:
        return DryMachines(self._real.machines, self._log_change, self._list_tables)

    def _list_tables(self) -> list[str]:
        task = self._real.parameters.read_replication().replication_task_arn
        return [table.table for table in self._real.create_database(task).list_tables()]

    @cached_property
    def compute(self) -> Any:
        return DryCompute(self._real.compute, self._log_change)

    @cached_property
    def functions(self) -> Any:
        return DryFunctions(self._log_change)

    @cached_property
    def people_messages(self) -> Any:
        return DryMessages(self._log_change)

    @property
    def consoles(self) -> Consoles:
        return self._real.consoles

    def create_evidence(self, run_id: str) -> Evidence:
        return self._real.create_evidence(run_id)

    def create_database(self, task_arn: str) -> Any:
        return DryDatabase(self._real.create_database(task_arn), self._log_change)

    def create_reports(self, queue_url: str) -> Any:  # noqa: ARG002
        return DryReports(self._run)

    def create_ingress(self, security_group_id: str) -> Any:
        return DryIngress(security_group_id, self._log_change)

    def create_members(self, auto_scaling_group: str) -> TargetGroupMembers:
        return self._real.create_members(auto_scaling_group)

    def create_public_name(self, zone_id: str) -> Any:
        return DryName(self._real.create_public_name(zone_id), self._log_change)

    def resolve(self, name: str) -> frozenset[str]:
        return self._real.resolve(name)
