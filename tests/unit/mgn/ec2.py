# ruff: noqa: N802, N803, ARG002  (operations and parameters have the names of the service)
"""EC2, IAM and STS in memory, as much of them as the client of MGN uses."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any

from common.clients.mgn.roles import ROLES, SERVICE_LINKED_ROLE

from tests.unit.mgn.wire import ACCOUNT, ApiError

SERVICE_ROLES = {one.name: one for one in ROLES}


@dataclass
class Ec2Simulator:
    """Launch templates with versions, instances, volumes."""

    templates: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """data of each version, the first one first"""
    defaults: dict[str, int] = field(default_factory=dict)
    instances: dict[str, dict[str, Any]] = field(default_factory=dict)
    volumes: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    stale_reads: int = 0
    """how often `$Default` still shows the version before"""

    def do(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, parameters))
        if operation in self.denied:
            raise ApiError("UnauthorizedOperation", "You are not authorized to perform this operation.", 403)
        given = {key: value for key, value in parameters.items() if key != "ClientToken"}  # botocore adds it
        result: dict[str, Any] = getattr(self, f"_{operation}")(**given)
        return result

    def count(self, operation: str) -> int:
        return sum(one == operation for one, _ in self.calls)

    # -- what MGN does ---------------------------------------------------------------
    def add_template(self, server_id: str, hostname: str) -> str:
        """The template of a new server: two versions, no subnet, tags of the service."""
        template = f"lt-{len(self.templates) + 1:017d}"
        tags = [
            {"Key": "AWSApplicationMigrationServiceSourceServerID", "Value": server_id},
            {"Key": "AWSApplicationMigrationServiceManaged", "Value": "mgn.amazonaws.com"},
            {"Key": "Name", "Value": hostname},
        ]
        data = {
            "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8, "VolumeType": "gp3", "Iops": 3000}}],
            "InstanceType": "c5.large",
            "NetworkInterfaces": [{"DeviceIndex": 0, "DeleteOnTermination": True, "Groups": [], "Ipv6Addresses": []}],
            "TagSpecifications": [
                {"ResourceType": "instance", "Tags": [*tags]},
                {"ResourceType": "volume", "Tags": [*tags]},
                {"ResourceType": "network-interface", "Tags": [*tags]},
            ],
        }  # fmt: skip
        self.templates[template] = [{"InstanceType": "m5.large"}, data]
        self.defaults[template] = 2
        return template

    def read_default(self, template: str) -> dict[str, Any]:
        return self.templates[template][self.defaults[template] - 1]

    def run(self, data: dict[str, Any], server_id: str, job_id: str) -> str:
        instance = f"i-{len(self.instances) + 1:017d}"
        tags = {
            tag["Key"]: tag["Value"]
            for one in data["TagSpecifications"]
            if one["ResourceType"] == "instance"
            for tag in one["Tags"]
        }
        tags |= {"mgn.amazonaws.com-job": job_id, "mgn.amazonaws.com-source-server": server_id}
        self.instances[instance] = {
            "InstanceId": instance,
            "State": {"Name": "running", "Code": 16},
            "InstanceType": data["InstanceType"],
            "SubnetId": data["NetworkInterfaces"][0]["SubnetId"],
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }
        return instance

    def end(self, instance_id: str) -> None:
        self.instances[instance_id]["State"] = {"Name": "terminated", "Code": 48}

    def list_running(self) -> list[str]:
        return [name for name, one in self.instances.items() if one["State"]["Name"] == "running"]

    def get_tags(self, instance_id: str) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self.instances[instance_id]["Tags"]}

    # -- operations --------------------------------------------------------------------
    def _DescribeLaunchTemplateVersions(self, LaunchTemplateId: str, Versions: list[str]) -> dict[str, Any]:
        assert Versions == ["$Default"]
        number = self.defaults[LaunchTemplateId]
        if self.stale_reads and number > 2:
            self.stale_reads -= 1
            number -= 1
        data = self.templates[LaunchTemplateId][number - 1]
        version = {"LaunchTemplateId": LaunchTemplateId, "VersionNumber": number, "LaunchTemplateData": data}
        return {"LaunchTemplateVersions": [version]}

    def _CreateLaunchTemplateVersion(
        self,
        LaunchTemplateId: str,
        SourceVersion: str,
        LaunchTemplateData: dict[str, Any],
    ) -> dict[str, Any]:
        """Keep the members that are not named, and replace the ones that are, lists as a whole."""
        versions = self.templates[LaunchTemplateId]
        versions.append({**versions[int(SourceVersion) - 1], **LaunchTemplateData})
        return {"LaunchTemplateVersion": {"LaunchTemplateId": LaunchTemplateId, "VersionNumber": len(versions)}}

    def _ModifyLaunchTemplate(self, LaunchTemplateId: str, DefaultVersion: str) -> dict[str, Any]:
        self.defaults[LaunchTemplateId] = int(DefaultVersion)
        return {"LaunchTemplate": {"LaunchTemplateId": LaunchTemplateId, "DefaultVersionNumber": int(DefaultVersion)}}

    def _DescribeInstances(self, InstanceIds: list[str]) -> dict[str, Any]:
        unknown = [one for one in InstanceIds if one not in self.instances]
        if unknown:
            raise ApiError("InvalidInstanceID.NotFound", f"The instance IDs '{unknown}' do not exist")
        return {"Reservations": [{"Instances": [self.instances[one] for one in InstanceIds]}]}

    def _TerminateInstances(self, InstanceIds: list[str]) -> dict[str, Any]:
        for one in InstanceIds:
            self.instances[one]["State"] = {"Name": "shutting-down", "Code": 32}
        return {"TerminatingInstances": []}

    def _DescribeVolumes(self, Filters: list[dict[str, Any]], NextToken: str = "") -> dict[str, Any]:
        found = []
        for name, volume in self.volumes.items():
            tags = {f"tag:{key}": value for key, value in volume["tags"].items()}
            values = {"status": volume["status"], **tags}
            if all(values.get(one["Name"]) in one["Values"] for one in Filters):
                found.append({"VolumeId": name})
        return {"Volumes": found}


@dataclass
class IamSimulator:
    """Roles, instance profiles, and what the role of the function may do."""

    roles: set[str] = field(default_factory=set)
    profiles: dict[str, list[str]] = field(default_factory=dict)
    policies: dict[str, list[str]] = field(default_factory=dict)
    """of the roles of MGN, as the ARNs of the policies end"""
    trusts: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    """path and trust policy of each role that was created"""
    attached: list[str] = field(default_factory=lambda: ["AWSApplicationMigrationEC2Access"])
    not_allowed: tuple[str, ...] = ()
    """patterns of `action on resource`"""
    refused: set[str] = field(default_factory=set)
    """operations that the caller may not use"""

    def do(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if operation in self.refused:
            raise ApiError("AccessDenied", f"not authorized to perform: iam:{operation}", 403)
        result: dict[str, Any] = getattr(self, f"_{operation}")(**parameters)
        return result

    def add_all(self) -> None:
        """What "Get started" in the console makes."""
        self.policies |= {name: [*one.policies] for name, one in SERVICE_ROLES.items()}
        self.roles |= {SERVICE_LINKED_ROLE, *SERVICE_ROLES}
        self.profiles |= {name: [name] for name, one in SERVICE_ROLES.items() if one.has_profile}

    def initialize(self) -> None:
        """What InitializeService makes. The roles must exist."""
        self.roles.add(SERVICE_LINKED_ROLE)
        for name in (name for name, one in SERVICE_ROLES.items() if one.has_profile):
            self.profiles.setdefault(name, [])
            if name not in self.roles:
                raise ApiError("ValidationException", "Failed to create SLR or instance profiles", reason="other")
            self.profiles[name] = [name]

    def _CreateRole(self, RoleName: str, Path: str, AssumeRolePolicyDocument: str) -> dict[str, Any]:
        self.roles.add(RoleName)
        self.trusts[RoleName] = (Path, json.loads(AssumeRolePolicyDocument))
        return {"Role": self._role(RoleName)}

    def _AttachRolePolicy(self, RoleName: str, PolicyArn: str) -> dict[str, Any]:
        assert RoleName in self.roles
        self.policies.setdefault(RoleName, []).append(PolicyArn.partition("policy/")[2])
        return {}

    def _CreateInstanceProfile(self, InstanceProfileName: str, Path: str) -> dict[str, Any]:
        self.profiles[InstanceProfileName] = []
        return self._GetInstanceProfile(InstanceProfileName)

    def _AddRoleToInstanceProfile(self, InstanceProfileName: str, RoleName: str) -> dict[str, Any]:
        self._GetRole(RoleName)
        if self.profiles[InstanceProfileName]:
            raise ApiError("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", 409)
        self.profiles[InstanceProfileName].append(RoleName)
        return {}

    def _GetRole(self, RoleName: str) -> dict[str, Any]:
        if RoleName not in self.roles:
            raise ApiError("NoSuchEntity", f"The role with name {RoleName} cannot be found.", 404)
        return {"Role": self._role(RoleName)}

    def _GetInstanceProfile(self, InstanceProfileName: str) -> dict[str, Any]:
        if InstanceProfileName not in self.profiles:
            raise ApiError("NoSuchEntity", f"Instance Profile {InstanceProfileName} cannot be found.", 404)
        roles = [self._role(name) for name in self.profiles[InstanceProfileName]]
        profile = {"Path": "/", "InstanceProfileName": InstanceProfileName, "InstanceProfileId": "AIPA0123456789012345",
                   "Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/{InstanceProfileName}", "Roles": roles}  # fmt: skip
        return {"InstanceProfile": {**profile, "CreateDate": "2026-01-01"}}

    def _role(self, name: str) -> dict[str, Any]:
        return {"Path": "/", "RoleName": name, "RoleId": "AROA0123456789012345", "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
                "CreateDate": "2026-01-01"}  # fmt: skip

    def _ListAttachedRolePolicies(self, RoleName: str) -> dict[str, Any]:
        names = self.attached if RoleName not in SERVICE_ROLES else self.policies.get(RoleName, [])
        return {"AttachedPolicies": [{"PolicyName": name.rpartition("/")[2]} for name in names]}

    def _SimulatePrincipalPolicy(
        self,
        PolicySourceArn: str,
        ActionNames: list[str],
        ResourceArns: list[str],
        ContextEntries: list[dict[str, Any]],
    ) -> dict[str, Any]:
        results = []
        for action in ActionNames:
            for resource in ResourceArns:
                denied = any(fnmatch(f"{action} on {resource}", pattern) for pattern in self.not_allowed)
                decision = "implicitDeny" if denied else "allowed"
                results.append({"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": decision})
        return {"EvaluationResults": results}


@dataclass
class StsSimulator:
    """The caller of the functions, and the decoder of denials."""

    decoded: str = ""
    """what an encoded message says; empty: the caller may not decode"""

    def do(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if operation == "DecodeAuthorizationMessage":
            if not self.decoded:
                raise ApiError("AccessDenied", "not authorized to perform: sts:DecodeAuthorizationMessage", 403)
            return {"DecodedMessage": self.decoded}
        assert (operation, parameters) == ("GetCallerIdentity", {})
        return {"Account": ACCOUNT, "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Procedure/function"}
