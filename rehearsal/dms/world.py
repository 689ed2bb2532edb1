"""The control plane's ports onto the rest of the local AWS: the world's network, IAM, Secrets Manager, CloudWatch, S3."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import IO, Any

from botocore.exceptions import ClientError

from rehearsal.aws.cloud import Cloud
from rehearsal.dms.policies import is_allowing, is_trusting
from rehearsal.dms.ports import Denied, Place, Subnet
from rehearsal.settings import ACCOUNT, MARK, REGION

SERVICE, REGIONAL_SERVICE = "dms.amazonaws.com", f"dms.{REGION}.amazonaws.com"


class WorldNetwork:
    """Replication instances as endpoints of the world's network: addresses, security groups and routes hold for them."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._subnets = cloud.registry.get_records("ec2", "subnets")

    def find_subnet(self, subnet_id: str) -> Subnet | None:
        """Return a subnet; None when there is none."""
        found = self._subnets.get(subnet_id)
        return Subnet(subnet_id, found["VpcId"], found["AvailabilityZone"]) if found else None

    def open(self, name: str, *, subnet_id: str, groups: Sequence[str], public: bool) -> Place:
        """Reserve an address in the subnet, with a namespace behind it. Raises ApiError."""
        endpoint = self._cloud.endpoints.add(name, subnet_id=subnet_id, groups=groups, public=public)
        try:
            self._cloud.world.attach(name, endpoint.ip)
        except BaseException:
            self._cloud.endpoints.remove(name)
            raise
        self._cloud.apply()
        return Place(endpoint.ip, endpoint.zone, endpoint.public_ip)

    def set_groups(self, name: str, groups: Sequence[str]) -> None:
        """Set other security groups. Raises ApiError."""
        endpoint = self._cloud.endpoints.get(name)
        if endpoint is not None:
            self._cloud.endpoints.check_groups(groups, endpoint.vpc_id)
            endpoint.groups = tuple(groups)
            self._cloud.apply()

    def close(self, name: str) -> None:
        """Free the address."""
        with contextlib.suppress(FileNotFoundError):
            self._cloud.world.detach(name)
        self._cloud.endpoints.remove(name)
        self._cloud.apply()

    def start_process(self, name: str, command: Sequence[str], *, stderr: int | IO[Any]) -> subprocess.Popen[bytes]:
        """Start a process with the mark of the world, in its own session, so that Ctrl-C at the terminal does not reach it."""
        return subprocess.Popen(
            [*self._cloud.world.network.build_prefix(name), *command],
            env={**os.environ, MARK: self._cloud.settings.mark, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
        )


class WorldAccount:
    """The account of this world. What IAM would refuse is refused, with what is missing."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def check_service_role(self, name: str, policy: str) -> None:
        """Check the role of this name. Raises Denied."""
        role = self._get_role(name)
        if not is_trusting(role["AssumeRolePolicyDocument"], SERVICE):
            raise Denied(role["Arn"])
        attached = self._iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        if not any(one["PolicyName"] == policy or one["PolicyArn"].endswith(f"/{policy}") for one in attached):
            raise Denied(role["Arn"])

    def read_secret(self, role_arn: str, secret: str) -> Mapping[str, Any]:
        """Return the secret's JSON, read with the role. Raises Denied."""
        role = self._get_role(role_arn.rpartition("/")[2])
        if not is_trusting(role["AssumeRolePolicyDocument"], REGIONAL_SERVICE):
            raise Denied(f"the role {role_arn} does not trust {REGIONAL_SERVICE}")
        manager = self._cloud.clients("secretsmanager")
        try:
            arn = manager.describe_secret(SecretId=secret)["ARN"]
            documents = list(self._list_policies(role["RoleName"]))
            for action in ("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"):
                if not any(is_allowing(document, action, arn) for document in documents):
                    raise Denied(f"the role {role_arn} may not {action} on {arn}")
            found = json.loads(manager.get_secret_value(SecretId=secret)["SecretString"])
        except ClientError as error:
            raise Denied(error.response["Error"]["Message"]) from error
        except (ValueError, KeyError):
            raise Denied("it is no JSON object") from None
        if not isinstance(found, dict):
            raise Denied("it is no JSON object")
        return found

    def publish_metrics(self, data: Sequence[Mapping[str, Any]]) -> None:
        """Publish metrics in AWS/DMS."""
        self._cloud.clients("cloudwatch").put_metric_data(Namespace="AWS/DMS", MetricData=list(data))

    def write_report(self, bucket: str, key: str, body: str) -> None:
        """Write a report to S3. Raises Denied."""
        try:
            self._cloud.clients("s3").put_object(Bucket=bucket, Key=key, Body=body.encode())
        except ClientError as error:
            raise Denied(f"s3://{bucket}/{key}: {error.response['Error']['Message']}") from error

    @property
    def _iam(self) -> Any:
        return self._cloud.clients("iam")

    def _get_role(self, name: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self._iam.get_role(RoleName=name)["Role"]
        except ClientError as error:
            raise Denied(f"arn:aws:iam::{ACCOUNT}:role/{name}") from error
        return found

    def _list_policies(self, role: str) -> list[Any]:
        names = self._iam.list_role_policies(RoleName=role)["PolicyNames"]
        found = [self._iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
        for attached in self._iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
            arn = attached["PolicyArn"]
            try:
                version = self._iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
                found.append(
                    self._iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
                )
            except ClientError:
                continue  # one of AWS's own, of which the local AWS has no text: it grants nothing here
        return found
