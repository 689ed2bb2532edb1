"""Read one site with the operator's own credentials, in the region of migration.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from common.clients.aws import get_error_code, translate_aws_errors
from common.clients.dms import DatabaseReplication
from common.clients.executions import Execution, Executions
from common.clients.parameters import Parameters
from common.clients.providers import list_staging
from common.clients.resources import Finding, Resources
from common.clients.run_record import Record
from common.clients.runs import Runs
from common.clock import Clock
from common.errors import StepFailed
from common.run import DRY_RUN, Kind
from common.site_parameters import Replication, build_runs_table_name
from settings import Settings

from operate.evidence import EvidenceReader
from operate.prices.price_list import ENDPOINT_REGION
from operate.session import create_client

CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3})
BRIEF = Config(connect_timeout=3, read_timeout=6, retries={"mode": "standard", "total_max_attempts": 2})
STATE_MACHINE = "AWS::StepFunctions::StateMachine"
RUN_RESOURCES = frozenset({"Custom::TestLaunch", "Custom::Cutover"})
"""resources whose physical id is the id of their run"""
LOGICAL_IDS: Mapping[Kind, str] = {
    "test-launch": "TestLaunchProcedureMachine",
    "cutover": "CutoverProcedureMachine",
}
"""start of the logical id of each kind's state machine"""
STACKS: Mapping[Kind, str] = {"test-launch": "TestLaunchStack", "cutover": "MigrationStack"}
"""the stack of each kind's state machine"""


class Site:
    """One site. Every error of AWS is raised as one of common.errors."""

    def __init__(
        self, settings: Settings, session: boto3.session.Session, clock: Clock, *, stacks: Sequence[str]
    ) -> None:
        self.name, self.region, self._stacks = settings.site.name, settings.aws.region, stacks
        self._provider = settings.provider
        self._session, self._clock = session, clock
        self._clients: dict[str, Any] = {}

    @cached_property
    def runs(self) -> Runs:
        """Return the client of the run record."""
        return Runs(self.get_client("dynamodb"), build_runs_table_name(self.name), self.name, clock=self._clock)

    @cached_property
    def resources(self) -> Resources:
        """Return the client of the resources in EC2 that cost money."""
        return Resources(self.get_client("ec2"))

    @cached_property
    def parameters(self) -> Parameters:
        """Return the client of the site's parameters."""
        return Parameters(self.get_client("ssm"), self.name)

    @cached_property
    def replication(self) -> Replication:
        """Return the facts about the replication, which ReplicationStack has written."""
        return self.parameters.read_replication()

    @cached_property
    def evidence(self) -> EvidenceReader:
        """Return the reader of the evidence bucket."""
        return EvidenceReader(self.get_client("s3"), self.replication.evidence_bucket)

    def read_lag(self) -> float | None:
        """Return the seconds by which the rows of the target are behind, None when DMS has published none."""
        arn = self.replication.replication_task_arn
        database = DatabaseReplication(self.get_client("dms"), arn, self.get_client("cloudwatch"))
        return database.read_lag(database.read_task(), now=self._clock.now())

    def list_staging(self) -> list[Finding] | None:
        """Return what the provider keeps in EC2 for its own work, None when these credentials cannot see it."""
        return list_staging(
            self._provider.kind, self.get_client, self._clock, source_server_name=self._provider.source_server_name
        )

    def list_runs(self) -> set[str]:
        """Return the runs that are resources of the stacks now."""
        return {
            str(one["PhysicalResourceId"])
            for one in self._list_stack_resources()
            if one["ResourceType"] in RUN_RESOURCES and one.get("PhysicalResourceId")
        }

    def read_record(self) -> Record:
        """Return the site's run record. StepFailed when its table does not exist."""
        try:
            return self.runs.read()
        except StepFailed as failed:
            if (
                isinstance(failed.__cause__, ClientError)
                and get_error_code(failed.__cause__) == "ResourceNotFoundException"
            ):
                raise StepFailed(
                    f"there is no run record of a site {self.name} in {self.region}",
                    next_action="check site.name, aws.region and your credentials' account; DataStack makes the record",
                ) from failed
            raise

    def read_caller(self) -> str:
        """Return the ARN of the caller, as Security Token Service knows it."""
        with translate_aws_errors("sts:GetCallerIdentity"):
            return str(self.get_client("sts").get_caller_identity()["Arn"])

    def read_dry_run_record(self) -> Record:
        """Return the record of the site's dry runs."""
        return self.runs.create_sibling(Runs, DRY_RUN).read()

    def find_execution(self, run_id: str) -> tuple[Executions, Execution] | None:
        """Return the state machine that executes a run, and the execution. None when no stack has such an execution (any more)."""
        for arn in self._list_machines().values():
            executions = Executions(self.get_client("stepfunctions"), arn)
            if (found := executions.describe(run_id)) is not None:
                return executions, found
        return None

    def find_state_machine(self, kind: Kind) -> Executions:
        """Return the state machine for runs of this kind. StepFailed when no stack has one."""
        for logical_id, arn in self._list_machines().items():
            if logical_id.startswith(LOGICAL_IDS[kind]):
                return Executions(self.get_client("stepfunctions"), arn)
        raise StepFailed(
            f"no stack in {self.region} has a state machine for a {kind} (looked into {', '.join(self._stacks)})",
            next_action=f"deploy {STACKS[kind]}, or name the stack with --stack",
        )

    def _list_machines(self) -> dict[str, str]:
        """Return ARNs by logical id from the stacks' resources: they are always current, and exist for runs of any age."""
        resources = self._list_stack_resources()
        return {str(one["LogicalResourceId"]): str(one["PhysicalResourceId"]) for one in resources if is_machine(one)}

    def _list_stack_resources(self) -> list[Mapping[str, Any]]:
        """Return the resources of the stacks. A stack that does not exist has none."""
        return [one for stack in self._stacks for one in self.list_resources_of(stack)]

    def list_resources_of(self, stack: str) -> list[Mapping[str, Any]]:
        """Return the resources of one stack, none when it does not exist."""
        pages = self.get_client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
        try:
            with translate_aws_errors("cloudformation:ListStackResources"):
                return [one for page in pages for one in page["StackResourceSummaries"]]
        except StepFailed as failed:
            if isinstance(failed.__cause__, ClientError) and get_error_code(failed.__cause__) == "ValidationError":
                return []  # no such stack: nothing of it runs
            raise

    def create_price_client(self) -> Any:
        """Return a client of the Price List API, which has its endpoint in few regions. It waits seconds at most: prices are not needed."""
        return create_client(self._session, "pricing", region=ENDPOINT_REGION, config=BRIEF)

    def get_client(self, service: str) -> Any:
        """Return the client of a service. It is made once, because that is slow, and it keeps its connections."""
        if service not in self._clients:
            self._clients[service] = create_client(self._session, service, config=CONFIG)
        return self._clients[service]


def is_machine(resource: Mapping[str, Any]) -> bool:
    """Return whether the resource is a state machine that exists."""
    return resource["ResourceType"] == STATE_MACHINE and bool(resource.get("PhysicalResourceId"))
