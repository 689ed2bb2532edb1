"""The roles and instance profiles of MGN in IAM.

InitializeService makes the service-linked role and the instance profiles. Other roles must exist then: the console of MGN creates them
(`create_service_roles`), and a caller of the API creates them itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.aws.clients import Clients, ignore_missing
from rehearsal.settings import ACCOUNT

PATH = "/service-role/"
EXISTS = "EntityAlreadyExists"
SERVICE_LINKED = "AWSServiceRoleForApplicationMigrationService"
SERVICE = "mgn.amazonaws.com"
AGENT_ROLE = "AWSApplicationMigrationAgentRole"
CONVERSION_ROLE = "AWSApplicationMigrationConversionServerRole"


@dataclass(frozen=True)
class ServiceRole:
    """A role of MGN. `policy` is the name of the managed policy that it has."""

    name: str
    policy: str
    trusted: str = "ec2.amazonaws.com"
    has_profile: bool = True


ROLES = (
    ServiceRole(
        "AWSApplicationMigrationReplicationServerRole", "service-role/AWSApplicationMigrationReplicationServerPolicy"
    ),
    ServiceRole(CONVERSION_ROLE, "service-role/AWSApplicationMigrationConversionServerPolicy"),
    ServiceRole(
        "AWSApplicationMigrationMGHRole", "service-role/AWSApplicationMigrationMGHAccess", SERVICE, has_profile=False
    ),
    ServiceRole("AWSApplicationMigrationLaunchInstanceWithSsmRole", "AmazonSSMManagedInstanceCore"),
    ServiceRole("AWSApplicationMigrationLaunchInstanceWithDrsRole", "AmazonSSMManagedInstanceCore"),
    ServiceRole(AGENT_ROLE, "service-role/AWSApplicationMigrationAgentPolicy_v2", SERVICE, has_profile=False),
)


class Roles:
    """Makes the roles through IAM's API."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def create(self) -> None:
        """Make what is missing, and put the roles into the profiles; what exists stays as it is. Raises ClientError for a role that does not exist."""
        self.create_half()
        iam = self._clients("iam")
        for role in ROLES:
            if role.has_profile:
                iam.get_role(RoleName=role.name)
                with ignore_missing("LimitExceeded"):  # a profile holds one role
                    iam.add_role_to_instance_profile(InstanceProfileName=role.name, RoleName=role.name)

    def create_half(self) -> None:
        """Make the service-linked role and the instance profiles, without a role in them: what a failed initialization leaves."""
        iam = self._clients("iam")
        service_linked = ServiceRole(
            SERVICE_LINKED, "aws-service-role/AWSApplicationMigrationServiceRolePolicy", SERVICE, has_profile=False
        )
        _create_role(iam, service_linked, path=f"/aws-service-role/{SERVICE}/")
        for role in ROLES:
            if role.has_profile:
                with ignore_missing(EXISTS):
                    iam.create_instance_profile(InstanceProfileName=role.name, Path=PATH)


def create_service_roles(iam: Any) -> None:
    """Create the roles as the console of MGN does, with the keys of its user. It may be repeated."""
    for role in ROLES:
        _create_role(iam, role, path=PATH)


def _create_role(iam: Any, role: ServiceRole, *, path: str) -> None:
    with ignore_missing(EXISTS):
        iam.create_role(RoleName=role.name, Path=path, AssumeRolePolicyDocument=json.dumps(_build_trust_policy(role)))
        iam.attach_role_policy(RoleName=role.name, PolicyArn=f"arn:aws:iam::aws:policy/{role.policy}")


def _build_trust_policy(role: ServiceRole) -> Mapping[str, Any]:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": role.trusted},
        "Action": "sts:AssumeRole",
    }
    if role.name == AGENT_ROLE:
        statement["Action"] = ["sts:AssumeRole", "sts:SetSourceIdentity"]
        statement["Condition"] = {
            "StringLike": {"sts:SourceIdentity": "s-*", "aws:SourceAccount": ACCOUNT},
        }
    return {"Version": "2012-10-17", "Statement": [statement]}
