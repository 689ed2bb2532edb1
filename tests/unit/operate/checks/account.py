"""An account in memory, as the checks of `cutover check` read it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from common.site_parameters import Replication

from operate.checks.account import BOOTSTRAP
from tests.unit.procedure.machines import APP, DATABASE, FakeMachines
from tests.unit.procedure.world import World

CALLER = "arn:aws:sts::111122223333:assumed-role/Operators/alice"
ROLE = "arn:aws:iam::111122223333:role/teams/Operators"
ROLES = {APP: "source-app", DATABASE: "source-database"}
CHECK = FakeMachines.DATA["check"]


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Call")


def paged(key: str, values: list[Any]) -> SimpleNamespace:
    return SimpleNamespace(paginate=lambda **_: [{key: values}])


@dataclass
class FakeAccount:
    """An account in which everything is as it should be, until a test changes it."""

    name: str = "gogs"
    region: str = "us-east-1"
    secrets: dict[str, Any] = field(default_factory=lambda: {"cutover/console": {}, "cutover/agent-token": {}})
    parameters: set[str] = field(default_factory=lambda: {BOOTSTRAP})
    quota: float = 64.0
    zones: Mapping[str, int] = field(default_factory=lambda: {"t3.medium": 3})
    """how many zones offer an instance type"""
    database_options: Sequence[Mapping[str, Any]] = ({"MultiAZCapable": False}, {"MultiAZCapable": True})
    replication_classes: Sequence[str] = ("dms.t3.medium",)
    denied: set[str] = field(default_factory=set)
    """actions that IAM does not allow"""
    tags: dict[str, list[str]] = field(default_factory=dict)
    """what was simulated about the tags of resources, by condition key"""
    roles: set[str] = field(default_factory=set)
    """of DMS, which are one set per account"""
    server_certificates: set[str] = field(default_factory=set)
    """names in IAM"""
    tables: set[str] = field(default_factory=set)
    has_own_quotas: bool = True
    """false: Service Quotas knows only AWS's defaults"""
    task: dict[str, Any] = field(default_factory=dict)
    lag: float | None = 0.5
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """what `check` returns, by machine"""
    stacks: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    fails: dict[str, Exception] = field(default_factory=dict)

    @property
    def replication(self) -> Replication:
        return World().read_replication()

    def read_caller(self) -> str:
        return CALLER

    def list_resources_of(self, stack: str) -> Sequence[Mapping[str, Any]]:
        return [{}] if stack in self.stacks else []

    def get_client(self, service: str) -> Any:
        self.calls.append(service)
        if service in self.fails:
            raise_it = self.fails[service]
            return SimpleNamespace(
                **dict.fromkeys(
                    ("get_service_quota", "describe_secret", "get_role", "get_hosted_zone"), _raise(raise_it)
                )
            )
        return getattr(self, f"create_{service.replace('-', '_')}")()

    def create_ssm(self) -> Any:
        return SimpleNamespace(
            get_parameter=self._get_parameter,
            send_command=lambda **call: {"Command": {"CommandId": call["InstanceIds"][0]}},
            get_command_invocation=self._get_invocation,
        )

    def _get_parameter(self, *, Name: str) -> Any:  # noqa: N803
        if Name not in self.parameters:
            raise refused("ParameterNotFound")
        return {"Parameter": {"Value": "27"}}

    def _get_invocation(self, **call: Any) -> Any:
        machine = call["InstanceId"]
        facts = {"ok": True, **CHECK, "instance_id": machine, "role": ROLES[machine], **self.facts.get(machine, {})}
        return {"Status": "Success", "StandardOutputContent": json.dumps(facts), "StandardErrorContent": ""}

    def create_secretsmanager(self) -> Any:
        def describe_secret(*, SecretId: str) -> Any:  # noqa: N803
            if SecretId not in self.secrets:
                raise refused("ResourceNotFoundException")
            return self.secrets[SecretId]

        return SimpleNamespace(describe_secret=describe_secret)

    def create_service_quotas(self) -> Any:
        value = {"Quota": {"Value": self.quota}}
        own = (lambda **_: value) if self.has_own_quotas else _raise(refused("NoSuchResourceException"))
        return SimpleNamespace(get_service_quota=own, get_aws_default_service_quota=lambda **_: value)

    def create_ec2(self) -> Any:
        instances = [{"InstanceType": "t3.medium"}, {"InstanceType": "p4d.24xlarge"}]
        pages = {
            "describe_instances": paged("Reservations", [{"Instances": instances}]),
            "describe_vpcs": paged("Vpcs", [{}]),
            "describe_instance_type_offerings": paged(
                "InstanceTypeOfferings",
                [
                    {"InstanceType": name, "Location": f"z{zone}"}
                    for name, zones in self.zones.items()
                    for zone in range(zones)
                ],
            ),
        }
        return SimpleNamespace(get_paginator=pages.get, describe_addresses=lambda: {"Addresses": [{}, {}]})

    def create_rds(self) -> Any:
        def paginate(**asked: str) -> Any:
            assert asked == {"Engine": "mysql", "EngineVersion": "8.4.8", "DBInstanceClass": "db.t3.medium"}
            return [{"OrderableDBInstanceOptions": self.database_options}]

        return SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=paginate))

    def create_iam(self) -> Any:
        def simulate(
            *,
            PolicySourceArn: str,  # noqa: N803
            ActionNames: list[str],  # noqa: N803
            ContextEntries: list[dict[str, Any]],  # noqa: N803
            **_: Any,
        ) -> Any:
            assert PolicySourceArn == ROLE
            self.tags = {one["ContextKeyName"]: one["ContextKeyValues"] for one in ContextEntries}
            decide = {True: "implicitDeny", False: "allowed"}
            return {
                "EvaluationResults": [
                    {"EvalActionName": name, "EvalDecision": decide[name in self.denied]} for name in ActionNames
                ]
            }

        return SimpleNamespace(
            get_role=self._get_role,
            get_server_certificate=self._get_server_certificate,
            simulate_principal_policy=simulate,
        )

    def _get_server_certificate(self, *, ServerCertificateName: str) -> Any:  # noqa: N803
        if ServerCertificateName not in self.server_certificates:
            raise refused("NoSuchEntity")
        return {"ServerCertificate": {}}

    def create_acm(self) -> Any:
        def describe_certificate(*, CertificateArn: str) -> Any:  # noqa: N803
            if ":acm:" not in CertificateArn:
                raise refused("ValidationException")
            return {"Certificate": {"Status": "ISSUED"}}

        return SimpleNamespace(describe_certificate=describe_certificate)

    def _get_role(self, *, RoleName: str) -> Any:  # noqa: N803
        if RoleName not in {*self.roles, ROLE.rpartition("/")[2]}:
            raise refused("NoSuchEntity")
        return {"Role": {"Arn": ROLE}}

    def create_dynamodb(self) -> Any:
        def describe_table(*, TableName: str) -> Any:  # noqa: N803
            if TableName not in self.tables:
                raise refused("ResourceNotFoundException")
            return {"Table": {}}

        return SimpleNamespace(describe_table=describe_table)

    def create_dms(self) -> Any:
        task = {
            "ReplicationTaskIdentifier": "rows", "Status": "running", "ReplicationTaskStats": {"FullLoadProgressPercent": 100}, **self.task,
        }  # fmt: skip
        table = {
            "SchemaName": "gogs",
            "TableName": "issue",
            "TableState": "Table completed",
            "ValidationState": "Validated",
        }
        return SimpleNamespace(
            describe_replication_tasks=lambda **_: {"ReplicationTasks": [task]},
            get_paginator={
                "describe_table_statistics": paged("TableStatistics", [table]),
                "describe_orderable_replication_instances": paged(
                    "OrderableReplicationInstances",
                    [{"ReplicationInstanceClass": name} for name in self.replication_classes],
                ),
            }.get,
        )

    def create_cloudwatch(self) -> Any:
        from datetime import UTC, datetime

        points = [] if self.lag is None else [{"Timestamp": datetime.now(tz=UTC), "Maximum": self.lag}]
        return SimpleNamespace(get_metric_statistics=lambda **_: {"Datapoints": points})


def _raise(error: Exception) -> Callable[..., Any]:
    def call(**_: Any) -> Any:
        raise error

    return call
