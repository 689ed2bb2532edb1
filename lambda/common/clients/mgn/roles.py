"""The IAM roles of MGN: one set per account, with fixed names. With the API, nobody else creates them.

InitializeService makes the service-linked role and the instance profiles, and expects the other roles to exist
(https://docs.aws.amazon.com/mgn/latest/ug/mgn-initialize-api.html). The console of MGN creates them itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.errors import StepFailed

SERVICE, EC2 = "mgn.amazonaws.com", "ec2.amazonaws.com"
SERVICE_LINKED_ROLE = "AWSServiceRoleForApplicationMigrationService"
PATH = "/service-role/"
SSM_CORE = "AmazonSSMManagedInstanceCore"
GONE, EXISTS, FULL = "NoSuchEntity", "EntityAlreadyExists", "LimitExceeded"


@dataclass(frozen=True, kw_only=True)
class ServiceRole:
    """One role. `policies`: managed policies of AWS, as their ARNs end. `is_needed`: replication and launches do not work without it."""

    name: str
    policies: tuple[str, ...]
    trusted: str = EC2
    has_profile: bool = True
    is_needed: bool = False


REPLICATION_SERVER = ServiceRole(
    name="AWSApplicationMigrationReplicationServerRole",
    policies=("service-role/AWSApplicationMigrationReplicationServerPolicy",),
    is_needed=True,
)
CONVERSION_SERVER = ServiceRole(
    name="AWSApplicationMigrationConversionServerRole",
    policies=("service-role/AWSApplicationMigrationConversionServerPolicy",),
    is_needed=True,
)
AGENT = ServiceRole(
    name="AWSApplicationMigrationAgentRole",
    policies=("service-role/AWSApplicationMigrationAgentPolicy_v2",),
    trusted=SERVICE,
    has_profile=False,
    is_needed=True,
)
ROLES = (
    REPLICATION_SERVER,
    CONVERSION_SERVER,
    AGENT,
    ServiceRole(
        name="AWSApplicationMigrationMGHRole",
        policies=("service-role/AWSApplicationMigrationMGHAccess",),
        trusted=SERVICE,
        has_profile=False,
    ),
    ServiceRole(name="AWSApplicationMigrationLaunchInstanceWithSsmRole", policies=(SSM_CORE,)),
    ServiceRole(
        name="AWSApplicationMigrationLaunchInstanceWithDrsRole",
        policies=(SSM_CORE, "service-role/AWSElasticDisasterRecoveryEc2InstancePolicy"),
    ),
)
"""Those that are not needed serve post-launch actions and Migration Hub: an account that was initialized earlier may lack them."""
NEEDED = tuple(one for one in ROLES if one.is_needed)


class Roles:
    """The roles and instance profiles in IAM. The clients are created only when they are needed."""

    def __init__(self, clients: Callable[[str], Any]) -> None:
        self._clients = clients

    @cached_property
    def _iam(self) -> Any:
        return self._clients("iam")

    @cached_property
    def _account(self) -> tuple[str, str]:
        """Return the partition of AWS, and the id of the account."""
        with translate_aws_errors("sts:GetCallerIdentity"):
            caller = self._clients("sts").get_caller_identity()
        return str(caller["Arn"]).split(":")[1], str(caller["Account"])

    def list_missing(self) -> list[str]:
        """Return the needed roles that do not exist or lack a policy, and the instance profiles that do not exist or do not hold their role."""
        linked = self._read("get_role", "Role", RoleName=SERVICE_LINKED_ROLE)
        missing = [] if linked else [f"role {SERVICE_LINKED_ROLE}"]
        for role in NEEDED:
            if self._read("get_role", "Role", RoleName=role.name) is None:
                missing.append(f"role {role.name}")
            else:
                missing += [f"policy {one} on role {role.name}" for one in self._list_missing_policies(role)]
        for role in (one for one in NEEDED if one.has_profile):
            profile = self._read("get_instance_profile", "InstanceProfile", InstanceProfileName=role.name)
            if profile is None:
                missing.append(f"instance profile {role.name}")
            elif role.name not in _list_names(profile):
                missing.append(f"role {role.name} in the instance profile of this name")
        return missing

    def create(self) -> None:
        """Create every role that does not exist, and attach the policies that it lacks. What exists keeps its trust policy."""
        partition, account = self._account
        for role in ROLES:
            if self._read("get_role", "Role", RoleName=role.name) is None:
                trust = json.dumps(build_trust(role, account))
                self._change("create_role", EXISTS, RoleName=role.name, Path=PATH, AssumeRolePolicyDocument=trust)
            for policy in self._list_missing_policies(role):
                arn = f"arn:{partition}:iam::aws:policy/{policy}"
                self._change("attach_role_policy", RoleName=role.name, PolicyArn=arn)

    def complete_profiles(self) -> None:
        """Create the instance profiles that InitializeService has not made, and put their roles into those that are empty."""
        for role in (one for one in ROLES if one.has_profile):
            profile = self._read("get_instance_profile", "InstanceProfile", InstanceProfileName=role.name)
            if profile is None:
                self._change("create_instance_profile", EXISTS, InstanceProfileName=role.name, Path=PATH)
            if profile is None or not _list_names(profile):
                self._change("add_role_to_instance_profile", FULL, InstanceProfileName=role.name, RoleName=role.name)

    def _list_missing_policies(self, role: ServiceRole) -> list[str]:
        with translate_aws_errors("iam:ListAttachedRolePolicies"):
            pages = self._iam.get_paginator("list_attached_role_policies").paginate(RoleName=role.name)
            attached = {str(one["PolicyName"]) for page in pages for one in page["AttachedPolicies"]}
        return [one for one in role.policies if one.rpartition("/")[2] not in attached]

    def _read(self, operation: str, member: str, **name: str) -> Mapping[str, Any] | None:
        """Return what IAM has under this name, None when it has nothing."""
        action = f"iam:{self._iam.meta.method_to_api_mapping[operation]}"
        try:
            with translate_aws_errors(action):
                return dict(getattr(self._iam, operation)(**name)[member])
        except StepFailed as failed:
            if _read_code(failed) == GONE:
                return None
            raise

    def _change(self, operation: str, *done: str, **parameters: str) -> None:
        """Make one change. `done`: codes of errors that say that somebody else has made it."""
        action = f"iam:{self._iam.meta.method_to_api_mapping[operation]}"
        try:
            with translate_aws_errors(action):
                getattr(self._iam, operation)(**parameters)
        except StepFailed as failed:
            if _read_code(failed) not in done:
                raise


def build_trust(role: ServiceRole, account: str) -> dict[str, Any]:
    """Return the trust policy. MGN assumes the role of the agents for one source server each, which the source identity names."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": role.trusted},
        "Action": "sts:AssumeRole",
    }
    if role is AGENT:
        statement["Action"] = ["sts:AssumeRole", "sts:SetSourceIdentity"]
        statement["Condition"] = {"StringLike": {"sts:SourceIdentity": "s-*", "aws:SourceAccount": account}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _list_names(profile: Mapping[str, Any]) -> list[str]:
    return [str(role.get("RoleName")) for role in profile.get("Roles") or []]


def _read_code(failed: StepFailed) -> str:
    return get_error_code(failed.__cause__) if isinstance(failed.__cause__, ClientError) else ""
