"""Test the rights of a launch before it. MGN works with the rights of its caller, and a launch shows only the first one that is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from common.clients.aws import translate_aws_errors
from common.errors import CutoverError

LAUNCH_POLICIES = ("AWSApplicationMigrationEC2Access", "AWSApplicationMigrationFullAccess")
"""Managed policies with the EC2 rights of a launch. Their text grows without notice, so their name is the better proof."""
LAUNCH_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "instance": (
        "ec2:RunInstances",
        "ec2:StartInstances",
        "ec2:StopInstances",
        "ec2:TerminateInstances",
        "ec2:ModifyInstanceAttribute",
        "ec2:CreateTags",
    ),
    "volume": ("ec2:CreateVolume", "ec2:AttachVolume", "ec2:DetachVolume", "ec2:DeleteVolume", "ec2:CreateTags"),
    "snapshot": ("ec2:CreateSnapshot", "ec2:DeleteSnapshot", "ec2:CreateTags"),
    "network-interface": ("ec2:CreateTags",),
}
"""by kind of resource"""
TEMPLATE_ACTIONS = ("ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate")
SERVER_ACTIONS = (
    "mgn:ChangeServerLifeCycleState",
    "mgn:FinalizeCutover",
    "mgn:GetLaunchConfiguration",
    "mgn:StartCutover",
    "mgn:StartTest",
    "mgn:TerminateTargetInstances",
    "mgn:UpdateLaunchConfiguration",
)
POST_LAUNCH_ACTIONS = (
    "ssm:DescribeDocument",
    "ssm:DescribeInstanceInformation",
    "ssm:GetCommandInvocation",
    "ssm:GetDocument",
    "ssm:ListDocuments",
    "ssm:SendCommand",
    "ssm:StartAutomationExecution",
)
PARAMETER_ACTIONS = ("ssm:GetParameter", "ssm:PutParameter")
PARAMETERS = "parameter/ManagedByAWSApplicationMigrationService-*"
SSM_ROLE = "service-role/AWSApplicationMigrationLaunchInstanceWithSsmRole"
"""what the post-launch actions of MGN need, which an operator may configure; this product has none of its own"""
CONVERSION_ROLE = "service-role/AWSApplicationMigrationConversionServerRole"
MANAGED = "mgn.amazonaws.com"
CONTEXT: tuple[tuple[str, str, str], ...] = (
    ("aws:ViaAWSService", "boolean", "true"),
    ("aws:CalledVia", "stringList", MANAGED),
    ("aws:ResourceTag/AWSApplicationMigrationServiceManaged", "string", MANAGED),
    ("aws:RequestTag/AWSApplicationMigrationServiceManaged", "string", MANAGED),
    ("ec2:CreateAction", "string", "RunInstances"),
    ("iam:PassedToService", "string", "ec2.amazonaws.com"),
)
"""what the conditions of such policies read: key, type, value"""
ASSUMED = re.compile(r"arn:(?P<partition>[\w-]+):sts::(?P<account>\d+):assumed-role/(?P<role>[^/]+)/")


@dataclass(frozen=True)
class Rights:
    """The result of the test. `not_checked`: why it could not be made, which is not the same as passed."""

    missing: tuple[str, ...] = ()
    not_checked: str = ""


class RightsCheck:
    """Tests the rights of the role that calls. The clients are created only when they are needed."""

    def __init__(self, clients: Callable[[str], Any], region: str, *, instance_profile: str) -> None:
        self._clients, self._region, self._profile = clients, region, instance_profile

    def check(self, source_server_id: str, *, has_post_launch_actions: bool = False) -> Rights:
        """Return every right that the role lacks, all at once. Post-launch actions need more of them."""
        try:
            with translate_aws_errors("sts:GetCallerIdentity"):
                arn = str(self._clients("sts").get_caller_identity()["Arn"])
            caller = ASSUMED.match(arn)
            if caller is None:
                return Rights(not_checked=f"the caller {arn} is not a role")
            role = caller.groupdict()
            missing = self._find_missing(role, source_server_id)
            if has_post_launch_actions:
                missing += self._find_missing_for_actions(role)
            return Rights(missing=tuple(missing))
        except CutoverError as failed:
            return Rights(not_checked=failed.reason)

    def _find_missing(self, caller: Mapping[str, str], server_id: str) -> list[str]:
        partition, account, role = caller["partition"], caller["account"], caller["role"]
        iam = self._clients("iam")
        with translate_aws_errors("iam:GetRole"):
            role_arn = str(iam.get_role(RoleName=role)["Role"]["Arn"])
        here = f"arn:{partition}:{{service}}:{self._region}:{account}:"
        server = here.format(service="mgn") + f"source-server/{server_id}"
        template = here.format(service="ec2") + "launch-template/*"
        passed = [f"arn:{partition}:iam::{account}:role/{CONVERSION_ROLE}", *self._list_roles_of_profile(iam)]
        missing = [
            *self._simulate(iam, role_arn, SERVER_ACTIONS, [server]),
            *self._simulate(iam, role_arn, TEMPLATE_ACTIONS, [template]),
            *self._simulate(iam, role_arn, ["iam:PassRole"], passed),
        ]
        if not self._has_launch_policy(iam, role):
            for kind, actions in LAUNCH_ACTIONS.items():
                missing += self._simulate(iam, role_arn, actions, [here.format(service="ec2") + f"{kind}/*"])
        return missing

    def _find_missing_for_actions(self, caller: Mapping[str, str]) -> list[str]:
        """Return what post-launch actions lack. They would fail one after the other, when the machine runs already."""
        partition, account, role = caller["partition"], caller["account"], caller["role"]
        iam = self._clients("iam")
        with translate_aws_errors("iam:GetRole"):
            role_arn = str(iam.get_role(RoleName=role)["Role"]["Arn"])
        parameters = f"arn:{partition}:ssm:{self._region}:{account}:{PARAMETERS}"
        return [
            *self._simulate(iam, role_arn, POST_LAUNCH_ACTIONS, ["*"]),
            *self._simulate(iam, role_arn, PARAMETER_ACTIONS, [parameters]),
            *self._simulate(iam, role_arn, ["iam:PassRole"], [f"arn:{partition}:iam::{account}:role/{SSM_ROLE}"]),
        ]

    def _has_launch_policy(self, iam: Any, role: str) -> bool:
        with translate_aws_errors("iam:ListAttachedRolePolicies"):
            pages = iam.get_paginator("list_attached_role_policies").paginate(RoleName=role)
            names = [one["PolicyName"] for page in pages for one in page["AttachedPolicies"]]
        return any(policy in names for policy in LAUNCH_POLICIES)

    def _list_roles_of_profile(self, iam: Any) -> list[str]:
        """Return the roles of the replica's instance profile, which EC2 receives from the caller."""
        if not self._profile:
            return []
        with translate_aws_errors("iam:GetInstanceProfile"):
            name = self._profile.rpartition("/")[2]
            profile = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        return [str(one["Arn"]) for one in profile["Roles"]]

    def _simulate(self, iam: Any, role_arn: str, actions: Iterable[str], resources: list[str]) -> list[str]:
        """Return the denied ones, as `ec2:CreateTags on network-interface/*`."""
        context = [
            {"ContextKeyName": key, "ContextKeyType": kind, "ContextKeyValues": [value]} for key, kind, value in CONTEXT
        ]
        with translate_aws_errors("iam:SimulatePrincipalPolicy"):
            pages = iam.get_paginator("simulate_principal_policy").paginate(
                PolicySourceArn=role_arn, ActionNames=list(actions), ResourceArns=resources, ContextEntries=context
            )
            return [
                f"{one['EvalActionName']} on {str(one.get('EvalResourceName', '*')).rpartition(':')[2]}"
                for page in pages
                for one in page["EvaluationResults"]
                if one["EvalDecision"] != "allowed"
            ]
