"""Enforce IAM: a caller with the credentials of a role may do only what the policies of the role allow.

ministack evaluates the policies. This module determines the resources of a request for the services where AWS checks more
resources than ministack does. Source: "Actions, resources, and condition keys" of each service in the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rehearsal.aws import wire
from rehearsal.aws.ec2.images import Images
from rehearsal.aws.exceptions import ApiError
from rehearsal.aws.registry import Check, Registry
from rehearsal.aws.role_checks import RoleChecks
from rehearsal.aws.tags import Tags
from rehearsal.settings import ACCOUNT, REGION

ANY = "*"
_NEW = "new-0"
"""placeholder for the id of the resource that the request creates"""


class Authorization:
    """The checks of EC2, Systems Manager, DMS, load balancing and auto scaling. ministack has those of the other services."""

    def __init__(self, registry: Registry, tags: Tags, images: Images) -> None:
        self._tags, self._images = tags, images
        self._special: Mapping[str, Callable[[Mapping[str, Any]], Sequence[Check]]] = {
            "ec2:CreateImage": self._create_image,
            "ec2:DeregisterImage": self._deregister_image,
            "ec2:DeleteSnapshot": lambda sent: [
                self._check_ec2_resource("ec2:DeleteSnapshot", "snapshot", sent["snapshot_id"])
            ],
            "ec2:GetConsoleOutput": lambda sent: [
                self._check_ec2_resource("ec2:GetConsoleOutput", "instance", sent["instance_id"])
            ],
            "ec2:CreateLaunchTemplateVersion": lambda sent: [
                self._check_template("ec2:CreateLaunchTemplateVersion", sent)
            ],
            "ec2:ModifyLaunchTemplate": lambda sent: [self._check_template("ec2:ModifyLaunchTemplate", sent)],
            "ec2:TerminateInstances": lambda sent: [
                self._check_ec2_resource("ec2:TerminateInstances", "instance", one) for one in sent["instance_ids"]
            ],
            **RoleChecks(registry).by_action,
            "ssm:SendCommand": self._send_command,
            "ssm:GetParameters": lambda sent: [_check_parameter("ssm:GetParameters", name) for name in sent["names"]],
        }
        registry.authorize({"ec2", "iam", "ssm", "dms", "elasticloadbalancing", "autoscaling"}, self.list_checks)

    def list_checks(self, service: str, action: str, body: bytes, query: Mapping[str, Any]) -> Sequence[Check] | None:
        """Return the checks of a request. `service` is the name in credential scopes, `action` the action of IAM.

        None: ministack's own checks apply. This includes malformed requests.
        """
        try:
            return self._list_checks(service, action, body, query)
        except (ApiError, KeyError):  # the service itself reports the error of the request
            return None

    def _list_checks(self, service: str, action: str, body: bytes, query: Mapping[str, Any]) -> Sequence[Check] | None:
        name = action.partition(":")[2]
        special = self._special.get(action)
        if special:
            return special(wire.parse(wire.load_service(service), name, body, query))
        if service == "dms" and (name == "DescribeTableStatistics" or not name.startswith("Describe")):
            sent = wire.parse(wire.load_service(service), name, body, query)
            return _check_each(action, *(value for key, value in sent.items() if key.endswith("_arn")))
        return [Check(action)] if name.startswith("Describe") else None

    def _create_image(self, sent: Mapping[str, Any]) -> Sequence[Check]:
        checks = [
            self._check_ec2_resource("ec2:CreateImage", "instance", sent["instance_id"]),
            Check("ec2:CreateImage", _format_ec2_arn("image", _NEW)),
            Check("ec2:CreateImage", _format_ec2_arn("snapshot", _NEW)),
        ]
        for tagged in sent.get("tag_specifications") or ():
            given = {f"aws:RequestTag/{tag['Key']}": tag["Value"] for tag in tagged["Tags"]}
            context = {**given, "ec2:CreateAction": "CreateImage"}
            checks.append(Check("ec2:CreateTags", _format_ec2_arn(tagged["ResourceType"], _NEW), context))
        return checks

    def _deregister_image(self, sent: Mapping[str, Any]) -> Sequence[Check]:
        image = self._images.images.get(sent["image_id"])
        checks = [self._check_ec2_resource("ec2:DeregisterImage", "image", sent["image_id"])]
        if image and image.snapshot_id and sent.get("delete_associated_snapshots"):
            checks.append(self._check_ec2_resource("ec2:DeleteSnapshot", "snapshot", image.snapshot_id))
        return checks

    def _send_command(self, sent: Mapping[str, Any]) -> Sequence[Check]:
        document = Check("ssm:SendCommand", f"arn:aws:ssm:{REGION}::document/{sent['document_name']}")
        return [document, *(self._check_commanded_instance(instance) for instance in sent.get("instance_ids") or ())]

    def _check_commanded_instance(self, instance: str) -> Check:
        context = {f"ssm:resourceTag/{key}": value for key, value in self._tags.of(instance).items()}
        return Check("ssm:SendCommand", _format_node_arn(instance), context)

    def _check_template(self, action: str, sent: Mapping[str, Any]) -> Check:
        return self._check_ec2_resource(action, "launch-template", sent["launch_template_id"])

    def _check_ec2_resource(self, action: str, kind: str, identifier: str) -> Check:
        context = {f"aws:ResourceTag/{key}": value for key, value in self._tags.of(identifier).items()}
        return Check(action, _format_ec2_arn(kind, identifier), context)


def _format_ec2_arn(kind: str, identifier: str) -> str:
    """Return the ARN of a resource of EC2. ARNs of images and snapshots name no account."""
    return f"arn:aws:ec2:{REGION}:{'' if kind in ('image', 'snapshot') else ACCOUNT}:{kind}/{identifier}"


def _format_node_arn(node: str) -> str:
    """Return the ARN of a managed node: that of an EC2 instance, or of a hybrid node."""
    if node.startswith("mi-"):
        return f"arn:aws:ssm:{REGION}:{ACCOUNT}:managed-instance/{node}"
    return _format_ec2_arn("instance", node)


def _check_parameter(action: str, name: str) -> Check:
    return Check(action, f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name.removeprefix('/')}")


def _check_each(action: str, *resources: str) -> Sequence[Check]:
    return [Check(action, resource) for resource in resources or (ANY,)]
