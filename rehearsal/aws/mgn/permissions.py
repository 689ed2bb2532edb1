"""What the caller of a launch must be allowed to do, for MGN works with the caller's permissions; and AWS's managed policies.

The policies are not AWS's texts: they allow what those allow, as far as this product and the rehearsal use it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rehearsal.aws.mgn.identifiers import format_arn
from rehearsal.aws.mgn.roles import CONVERSION_ROLE, PATH, SERVICE, SERVICE_LINKED
from rehearsal.aws.registry import Check, Registry
from rehearsal.settings import ACCOUNT, REGION

MANAGED_TAG = "AWSApplicationMigrationServiceManaged"
SERVER_TAG = "AWSApplicationMigrationServiceSourceServerID"
_VIA: Mapping[str, Any] = {"aws:ViaAWSService": "true", "aws:CalledVia": [SERVICE]}
_ON_OWN = {**_VIA, f"aws:ResourceTag/{MANAGED_TAG}": SERVICE}
_CREATES = (
    ("ec2:CreateSnapshot", "snapshot"),
    ("ec2:CreateVolume", "volume"),
    ("ec2:CreateSecurityGroup", "security-group"),
    ("ec2:RunInstances", "instance"),
)
_CHANGES = (
    ("ec2:AttachVolume", "instance"),
    ("ec2:DetachVolume", "instance"),
    ("ec2:StartInstances", "instance"),
    ("ec2:StopInstances", "instance"),
    ("ec2:ModifyInstanceAttribute", "instance"),
)
_TAGGED = ("instance", "volume", "snapshot", "network-interface")
_TEMPLATE_CHANGES = (
    "ec2:CreateLaunchTemplateVersion",
    "ec2:ModifyLaunchTemplate",
    "ec2:DeleteLaunchTemplateVersions",
)


def launch_checks(profile_role: str | None) -> list[Check]:
    """Return what a launch needs. `profile_role` is the ARN of the role in the launch template's profile."""
    checks = [
        Check(action, _format_resource(kind), {**_VIA, f"aws:RequestTag/{MANAGED_TAG}": SERVICE})
        for action, kind in _CREATES
    ]
    checks += [Check(action, _format_resource(kind), _ON_OWN) for action, kind in _CHANGES]
    checks += [
        Check("ec2:CreateTags", _format_resource(kind), {**_VIA, f"aws:RequestTag/{MANAGED_TAG}": SERVICE})
        for kind in _TAGGED
    ]
    checks.append(_pass_role(f"arn:aws:iam::{ACCOUNT}:role{PATH}{CONVERSION_ROLE}"))
    if profile_role:
        checks.append(_pass_role(profile_role))
    return checks


def list_initialization_checks(roles: Iterable[str]) -> list[Check]:
    """Return what InitializeService needs of its caller. `roles` are the names of those that have an instance profile."""
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{SERVICE}/{SERVICE_LINKED}"
    checks = [Check("iam:CreateServiceLinkedRole", linked, {"iam:AWSServiceName": SERVICE})]
    for name in roles:
        profile = f"arn:aws:iam::{ACCOUNT}:instance-profile{PATH}{name}"
        checks += [Check("iam:CreateInstanceProfile", profile), Check("iam:AddRoleToInstanceProfile", profile)]
        checks.append(Check("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role{PATH}{name}"))
    return checks


def list_termination_checks() -> list[Check]:
    """Return what the end of a launched instance needs."""
    return [Check("ec2:TerminateInstances", _format_resource("instance"), _ON_OWN)]


def _pass_role(role: str) -> Check:
    return Check("iam:PassRole", role, {**_VIA, "iam:PassedToService": "ec2.amazonaws.com"})


def _format_resource(kind: str) -> str:
    return f"arn:aws:ec2:{REGION}:{'' if kind == 'snapshot' else ACCOUNT}:{kind}/*"


def request_checks(service: str, action: str, body: bytes, query: Mapping[str, Any]) -> Sequence[Check] | None:
    """Return what policies are asked for a request: the servers, templates or jobs that it names, otherwise `*`."""
    del service, query
    try:
        sent = json.loads(body or b"{}")
    except ValueError:
        return None
    if not isinstance(sent, dict):
        return None
    named = [
        format_arn("source-server", one)
        for one in _select_strings([sent.get("sourceServerID"), *_list(sent.get("sourceServerIDs"))])
    ]
    for key, kind in _NAMED_BY.items():
        named += [format_arn(kind, one) for one in _select_strings([sent.get(key)])]
    return [Check(action, resource) for resource in named or ("*",)]


_NAMED_BY = {
    "replicationConfigurationTemplateID": "replication-configuration-template",
    "launchConfigurationTemplateID": "launch-configuration-template",
    "jobID": "job",
}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _select_strings(values: Iterable[object]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def add_managed_policies(registry: Registry) -> None:
    """Add AWS's managed policies for MGN, which roles attach by their names."""
    through_mgn = {"Bool": {"aws:ViaAWSService": "true"}}
    created = {**through_mgn, "Null": {f"aws:RequestTag/{MANAGED_TAG}": "false"}}
    owned = {"Null": {f"aws:ResourceTag/{MANAGED_TAG}": "false"}}
    access = [
        _allow([action for action, _ in _CREATES], created),
        _allow([*(action for action, _ in _CHANGES), "ec2:TerminateInstances"], {**through_mgn, **owned}),
        _allow(["ec2:CreateTags"], created),
        _allow(
            ["ec2:CreateLaunchTemplate", "ec2:DeleteLaunchTemplate"],
            {"ForAnyValue:StringEquals": {"aws:CalledVia": [SERVICE]}},
        ),
        _allow(_TEMPLATE_CHANGES, owned),
        _allow(["ec2:GetConsoleOutput", "ec2:GetConsoleScreenshot"], owned),
        _allow(
            ["iam:PassRole"],
            {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            f"arn:aws:iam::*:role{PATH}{CONVERSION_ROLE}",
        ),
    ]
    installation = [
        _allow(
            [
                "mgn:GetAgentInstallationAssetsForMgn",
                "mgn:SendClientMetricsForMgn",
                "mgn:SendClientLogsForMgn",
                "mgn:RegisterAgentForMgn",
                "mgn:VerifyClientRoleForMgn",
            ]
        ),
        _allow(["mgn:IssueClientCertificateForMgn"], resource="arn:aws:mgn:*:*:source-server/*"),
        _allow(
            ["mgn:TagResource"],
            {"StringEquals": {"mgn:CreateAction": "RegisterAgentForMgn"}},
            "arn:aws:mgn:*:*:source-server/*",
        ),
    ]
    describe = ["ec2:Describe*", "iam:GetInstanceProfile", "iam:GetRole", "iam:ListInstanceProfiles", "iam:ListRoles"]
    policies = {
        "AWSApplicationMigrationEC2Access": access,
        "AWSApplicationMigrationFullAccess": [_allow(["mgn:*"]), _allow(describe)],
        "AWSApplicationMigrationReadOnlyAccess": [_allow(["mgn:Describe*", "mgn:Get*", "mgn:List*"]), _allow(describe)],
        "AWSApplicationMigrationAgentInstallationPolicy": installation,
    }
    for name, statements in policies.items():
        registry.add_managed_policy(name, {"Version": "2012-10-17", "Statement": statements})


def _allow(actions: Sequence[str], condition: Mapping[str, Any] | None = None, resource: str = "*") -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement
