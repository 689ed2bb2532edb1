"""The resources of IAM's own requests on roles and instance profiles: their ARNs have a path, which the request names only at the creation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from rehearsal.aws.registry import Check, Registry
from rehearsal.settings import ACCOUNT

Sent = Mapping[str, Any]
ON_ROLES = ("GetRole", "ListAttachedRolePolicies")
PROFILES_OF = "ec2.amazonaws.com"
"""the service to which a role in an instance profile is passed"""


class RoleChecks:
    """The checks by action, as `iam:GetRole`."""

    def __init__(self, registry: Registry) -> None:
        self._roles, self._profiles = (
            registry.get_records("iam", "roles"),
            registry.get_records("iam", "instance_profiles"),
        )
        self.by_action: Mapping[str, Callable[[Sent], Sequence[Check]]] = {
            **{f"iam:{name}": partial(self._check_role, f"iam:{name}") for name in ON_ROLES},
            "iam:CreateRole": lambda sent: [Check("iam:CreateRole", _build_arn("role", sent["role_name"], sent))],
            "iam:AttachRolePolicy": self._check_policy,
            "iam:CreateInstanceProfile": lambda sent: [
                Check("iam:CreateInstanceProfile", _build_arn("instance-profile", sent["instance_profile_name"], sent))
            ],
            "iam:GetInstanceProfile": lambda sent: [Check("iam:GetInstanceProfile", self._find_profile_arn(sent))],
            "iam:AddRoleToInstanceProfile": self._check_role_in_profile,
            "iam:SimulatePrincipalPolicy": lambda sent: [
                Check("iam:SimulatePrincipalPolicy", sent["policy_source_arn"])
            ],
        }

    def _check_role(self, action: str, sent: Sent) -> Sequence[Check]:
        return [Check(action, self._find_role_arn(sent))]

    def _check_policy(self, sent: Sent) -> Sequence[Check]:
        return [Check("iam:AttachRolePolicy", self._find_role_arn(sent), {"iam:PolicyARN": sent["policy_arn"]})]

    def _check_role_in_profile(self, sent: Sent) -> Sequence[Check]:
        passed = Check("iam:PassRole", self._find_role_arn(sent), {"iam:PassedToService": PROFILES_OF})
        return [Check("iam:AddRoleToInstanceProfile", self._find_profile_arn(sent)), passed]

    def _find_role_arn(self, sent: Sent) -> str:
        return _find_arn(self._roles, "role", sent["role_name"])

    def _find_profile_arn(self, sent: Sent) -> str:
        return _find_arn(self._profiles, "instance-profile", sent["instance_profile_name"])


def _find_arn(kept: Mapping[str, Any], kind: str, name: str) -> str:
    """Return the ARN with its path; of what does not exist, the path is not known."""
    return str(kept[name]["Arn"]) if name in kept else _build_arn(kind, name, {})


def _build_arn(kind: str, name: str, sent: Sent) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}{sent.get('path') or '/'}{name}"
