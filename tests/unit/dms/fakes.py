"""A fake account and a fake network, and the API as the local AWS provides it: it checks requests and responses against the shapes
of botocore."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from rehearsal.aws import wire
from rehearsal.aws.exceptions import ApiError
from rehearsal.dms.ports import Denied, Place, Subnet
from rehearsal.dms.service import Dms

Json = dict[str, Any]
ROLE = "arn:aws:iam::000000000000:role/secrets"
MAPPINGS = json.dumps(
    {
        "rules": [
            {
                "rule-type": "selection",
                "rule-id": "1",
                "rule-name": "site",
                "object-locator": {"schema-name": "site", "table-name": "%"},
                "rule-action": "include",
            }
        ]
    }
)


class FakeNetwork:
    """A network with two zones. Processes run on the host of the tests. With `script`, they run it instead of the engine."""

    def __init__(self, script: str | None = None) -> None:
        self.places: dict[str, Place] = {}
        self.group_changes: list[tuple[str, ...]] = []
        self.script = script

    def find_subnet(self, subnet_id: str) -> Subnet | None:
        return (
            Subnet(subnet_id, "vpc-1", f"us-east-1{subnet_id[-1]}") if subnet_id in ("subnet-a", "subnet-b") else None
        )

    def open(self, name: str, *, subnet_id: str, groups: Sequence[str], public: bool) -> Place:
        self.places[name] = Place(
            "10.0.1.5", f"us-east-1{subnet_id[-1]}", "203.0.113.9" if public and groups is not None else None
        )
        return self.places[name]

    def set_groups(self, name: str, groups: Sequence[str]) -> None:
        self.group_changes.append((name, *groups))

    def close(self, name: str) -> None:
        self.places.pop(name, None)

    def start_process(self, name: str, command: Sequence[str], *, stderr: int | IO[Any]) -> subprocess.Popen[bytes]:
        assert name in self.places
        words = list(command) if self.script is None else [command[0], "-c", self.script, command[-1]]
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr)


class FakeAccount:
    def __init__(self, secrets: Mapping[str, Mapping[str, Any]] | None = None, *, roles: bool = True) -> None:
        self.secrets, self.roles = dict(secrets or {}), roles
        self.reads: list[str] = []
        self.data: list[Mapping[str, Any]] = []
        self.reports: dict[str, str] = {}

    def check_service_role(self, name: str, policy: str) -> None:
        if not self.roles or not policy:
            raise Denied(f"arn:aws:iam::000000000000:role/{name}")

    def read_secret(self, role_arn: str, secret: str) -> Mapping[str, Any]:
        self.reads.append(secret)
        if role_arn != ROLE or secret not in self.secrets:
            raise Denied("Secrets Manager can't find the specified secret.")
        return self.secrets[secret]

    def publish_metrics(self, data: Sequence[Mapping[str, Any]]) -> None:
        self.data += data

    def write_report(self, bucket: str, key: str, body: str) -> None:
        self.reports[f"{bucket}/{key}"] = body


class Api:
    """Call an action as a client does: `api("CreateEndpoint", EndpointIdentifier=…)`."""

    def __init__(self, network: FakeNetwork, account: FakeAccount, folder: Path) -> None:
        self.dms = Dms(network, account, folder=folder / "dms", logs=folder / "logs")
        self._service = wire.load_service("dms")

    def __call__(self, action: str, **parameters: Any) -> Json:
        """Return the response, parsed from its bytes and checked against the shape of AWS. Raises ApiError."""
        body = json.dumps(parameters).encode()
        values = wire.parse(self._service, action, body, {})
        status, _, content = wire.serialize_success(self._service, action, self.dms.actions[action](**values))
        assert status == 200
        found: Json = json.loads(content)
        return found

    def get_error(self, action: str, **parameters: Any) -> tuple[str, str]:
        """Return code and message of the error. Raises AssertionError when the call succeeds."""
        try:
            self(action, **parameters)
        except ApiError as error:
            return error.code, error.message
        raise AssertionError(f"{action} was not rejected")


class Site:
    """The resources of a stack: subnet group, instance, endpoints with secrets, task."""

    def __init__(
        self, api: Api, *, settings: Mapping[str, Any] | None = None, migration: str = "full-load-and-cdc"
    ) -> None:
        self.api = api
        api(
            "CreateReplicationSubnetGroup",
            ReplicationSubnetGroupIdentifier="group",
            ReplicationSubnetGroupDescription="private",
            SubnetIds=["subnet-a", "subnet-b"],
        )
        self.instance = api(
            "CreateReplicationInstance",
            ReplicationInstanceIdentifier="Cutover-Gogs",
            ReplicationInstanceClass="dms.t3.medium",
            ReplicationSubnetGroupIdentifier="group",
            VpcSecurityGroupIds=["sg-1"],
            PubliclyAccessible=False,
        )["ReplicationInstance"]["ReplicationInstanceArn"]
        self.source, self.target = self._endpoint("source"), self._endpoint("target")
        self.task = api(
            "CreateReplicationTask",
            ReplicationTaskIdentifier="cutover-gogs",
            ResourceIdentifier="cutover-gogs",
            SourceEndpointArn=self.source,
            TargetEndpointArn=self.target,
            ReplicationInstanceArn=self.instance,
            MigrationType=migration,
            TableMappings=MAPPINGS,
            ReplicationTaskSettings=json.dumps(settings or {}),
        )["ReplicationTask"]["ReplicationTaskArn"]

    def _endpoint(self, kind: str) -> str:
        made = self.api(
            "CreateEndpoint",
            EndpointIdentifier=f"site-{kind}",
            EndpointType=kind,
            EngineName="mysql",
            MySQLSettings={"SecretsManagerSecretId": f"{kind}-secret", "SecretsManagerAccessRoleArn": ROLE},
        )
        return str(made["Endpoint"]["EndpointArn"])

    def describe(self) -> Json:
        wanted = [{"Name": "replication-task-arn", "Values": [self.task]}]
        found: Json = self.api("DescribeReplicationTasks", Filters=wanted)["ReplicationTasks"][0]
        return found

    def tables(self) -> dict[str, Json]:
        found = self.api("DescribeTableStatistics", ReplicationTaskArn=self.task)["TableStatistics"]
        return {table["TableName"]: table for table in found}

    def connections(self) -> dict[str, Json]:
        return {one["EndpointIdentifier"]: one for one in self.api("DescribeConnections")["Connections"]}
