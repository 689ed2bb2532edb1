"""The actions of EC2 about instances."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from rehearsal.aws.ec2.images import Images
from rehearsal.aws.ec2.instances import Instances
from rehearsal.aws.ec2.launch import LaunchTemplates, launch
from rehearsal.aws.ec2.model import CODES, Instance, State, new_id, now
from rehearsal.aws.errors import ApiError, NotEmulated
from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.paging import matching, page
from rehearsal.aws.registry import Registry
from rehearsal.aws.tags import Tags
from rehearsal.settings import ACCOUNT

Filters = list[dict[str, Any]] | None
FORGOTTEN = timedelta(hours=1)
"""For so long EC2 shows an instance that is terminated."""


class InstanceApi:
    def __init__(
        self,
        registry: Registry,
        instances: Instances,
        images: Images,
        endpoints: Endpoints,
        tags: Tags,
        changed: Callable[[], None],
    ) -> None:
        self._instances, self._images, self._tags = instances, images, tags
        self._endpoints, self._changed = endpoints, changed
        self._templates = LaunchTemplates(registry)
        self._tokens: dict[str, list[Instance]] = {}
        registry.actions(
            "ec2",
            {
                "RunInstances": self.run,
                "DescribeInstances": self.describe,
                "DescribeInstanceStatus": self.describe_status,
                "StartInstances": partial(self._each, instances.start, "StartingInstances"),
                "StopInstances": self.stop,
                "TerminateInstances": self.terminate,
                "RebootInstances": self.reboot,
                "CreateImage": self.create_image,
                "ModifyInstanceAttribute": self.modify,
            },
        )

    def run(
        self,
        min_count: int,
        max_count: int,
        image_id: str | None = None,
        launch_template: dict[str, Any] | None = None,
        client_token: str | None = None,
        **parameters: Any,
    ) -> dict[str, Any]:
        if client_token and client_token in self._tokens:
            return self._reservation(self._tokens[client_token])
        instances = self.launch(
            max_count, image_id=image_id, launch_template=launch_template, least=min_count, **parameters
        )
        if client_token:
            self._tokens[client_token] = instances
        return self._reservation(instances)

    def launch(
        self,
        count: int,
        *,
        image_id: str | None = None,
        launch_template: dict[str, Any] | None = None,
        least: int | None = None,
        **parameters: Any,
    ) -> list[Instance]:
        """What RunInstances does, for auto scaling too. Tags of the template and of the request are put together."""
        if launch_template:
            data, _ = self._templates.data(launch_template)
            image_id = image_id or data.get("image_id")
            tags = [*data.pop("tag_specifications", []), *parameters.pop("tag_specifications", [])]
            data.pop("image_id", None)
            parameters = {**data, **parameters, "tag_specifications": tags}
        if not image_id:
            raise ApiError("MissingParameter", "The request must contain the parameter ImageId")
        try:
            wanted = launch(**parameters)
        except TypeError as error:
            raise NotEmulated(f"RunInstances: {error}") from None
        image, started = self._images.get(image_id), []
        for number in range(count):
            try:
                started.append(self._instances.run(image, wanted))
            except ApiError:
                if number < (least or count):
                    for instance in started:
                        self._instances.terminate(instance)
                    raise
                break
        return started

    def describe(
        self,
        instance_ids: list[str] | None = None,
        filters: Filters = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> dict[str, Any]:
        found = [self._instances.get(one) for one in instance_ids] if instance_ids else self._remembered()
        found = matching(found, filters, self._attributes(), lambda i: self._tags.of(i.id))
        shown, token = page(found, next_token, max_results)
        reservations = [self._reservation([instance]) for instance in shown]
        return {"Reservations": reservations, "NextToken": token}

    def describe_status(
        self,
        instance_ids: list[str] | None = None,
        filters: Filters = None,
        include_all_instances: bool = False,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> dict[str, Any]:
        found = [self._instances.get(one) for one in instance_ids] if instance_ids else self._remembered()
        found = [instance for instance in found if include_all_instances or instance.state == "running"]
        found = matching(found, filters, self._attributes(), lambda i: self._tags.of(i.id))
        shown, token = page(found, next_token, max_results)
        return {"InstanceStatuses": [_status(instance) for instance in shown], "NextToken": token}

    def stop(self, instance_ids: list[str], force: bool = False) -> dict[str, Any]:
        return self._each(partial(self._instances.stop, force=force), "StoppingInstances", instance_ids)

    def terminate(self, instance_ids: list[str]) -> dict[str, Any]:
        for instance in map(self._instances.get, instance_ids):
            if instance.protected:
                message = f"The instance '{instance.id}' may not be terminated. Modify its 'disableApiTermination'."
                raise ApiError("OperationNotPermitted", message)
        return self._each(self._instances.terminate, "TerminatingInstances", instance_ids)

    def reboot(self, instance_ids: list[str]) -> None:
        for instance in [self._instances.get(one) for one in instance_ids]:
            self._instances.reboot(instance)

    def create_image(
        self,
        instance_id: str,
        name: str,
        description: str = "",
        no_reboot: bool = False,
        tag_specifications: list[dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        instance = self._instances.get(instance_id)
        image = self._instances.image(
            instance, name, description=description, reboot=not no_reboot, tags=tag_specifications or []
        )
        return {"ImageId": image.id}

    def modify(
        self,
        instance_id: str,
        groups: list[str] | None = None,
        disable_api_termination: dict[str, bool] | None = None,
        instance_initiated_shutdown_behavior: dict[str, str] | None = None,
    ) -> None:
        instance = self._instances.get(instance_id)
        if groups is not None:
            self._endpoints.check_groups(groups, instance.endpoint.vpc_id)
            instance.endpoint.groups = tuple(groups)
            self._changed()
        if disable_api_termination is not None:
            instance.protected = disable_api_termination.get("Value", False)
        if instance_initiated_shutdown_behavior is not None:
            instance.shutdown_behavior = instance_initiated_shutdown_behavior.get("Value", "stop")

    def _each(self, change: Callable[[Instance], State], member: str, instance_ids: list[str]) -> dict[str, Any]:
        instances = [self._instances.get(one) for one in instance_ids]
        return {
            member: [
                {
                    "InstanceId": instance.id,
                    "PreviousState": _state(change(instance)),
                    "CurrentState": _state(instance.state),
                }
                for instance in instances
            ]
        }

    def _remembered(self) -> list[Instance]:
        return [i for i in self._instances.all() if i.ended is None or now() - i.ended < FORGOTTEN]

    def _attributes(self) -> dict[str, Callable[[Instance], Any]]:
        return {
            "instance-id": lambda i: i.id,
            "image-id": lambda i: i.image_id,
            "instance-type": lambda i: i.type,
            "instance-state-name": lambda i: i.state,
            "instance-state-code": lambda i: CODES[i.state],
            "vpc-id": lambda i: i.endpoint.vpc_id,
            "subnet-id": lambda i: i.endpoint.subnet_id,
            "availability-zone": lambda i: i.endpoint.zone,
            "private-ip-address": lambda i: i.endpoint.ip,
            "ip-address": lambda i: i.endpoint.public_ip,
            "instance.group-id": lambda i: i.endpoint.groups,
            "iam-instance-profile.arn": lambda i: i.profile.arn if i.profile else None,
        }

    def _reservation(self, instances: list[Instance]) -> dict[str, Any]:
        answers = [self._answer(instance) for instance in instances]
        return {"ReservationId": new_id("r"), "OwnerId": ACCOUNT, "Groups": [], "Instances": answers}

    def _answer(self, instance: Instance) -> dict[str, Any]:
        endpoint, options = instance.endpoint, instance.metadata_options
        groups = [{"GroupId": group, "GroupName": self._endpoints.group_name(group)} for group in endpoint.groups]
        code, _, message = instance.reason.partition(": ")
        facts: dict[str, Any] = {
            "InstanceId": instance.id,
            "ImageId": instance.image_id,
            "State": _state(instance.state),
            "StateTransitionReason": message,
            "InstanceType": instance.type,
            "KeyName": instance.key_name,
            "LaunchTime": instance.launched,
            "AmiLaunchIndex": 0,
            "Architecture": "x86_64",
            "Hypervisor": "xen",
            "VirtualizationType": "hvm",
            "RootDeviceType": "ebs",
            "RootDeviceName": instance.root_device,
            "PlatformDetails": "Linux/UNIX",
            "Monitoring": {"State": "enabled" if instance.monitoring else "disabled"},
            "Placement": {"AvailabilityZone": endpoint.zone, "GroupName": "", "Tenancy": "default"},
            "MetadataOptions": {
                "State": "applied",
                "HttpTokens": options.get("HttpTokens", "optional"),
                "HttpPutResponseHopLimit": options.get("HttpPutResponseHopLimit", 1),
                "HttpEndpoint": options.get("HttpEndpoint", "enabled"),
                "InstanceMetadataTags": options.get("InstanceMetadataTags", "disabled"),
            },
            "Tags": self._tags.answer(instance.id),
            "StateReason": {"Code": code, "Message": message} if message else None,
            "PrivateDnsName": "",
            "PublicDnsName": "",
        }
        if instance.profile:
            facts["IamInstanceProfile"] = {"Arn": instance.profile.arn, "Id": instance.profile.id}
        if instance.state == "terminated":
            return facts
        ebs = {"VolumeId": instance.volume_id, "Status": "attached", "DeleteOnTermination": True}
        return {
            **facts,
            "SubnetId": endpoint.subnet_id,
            "VpcId": endpoint.vpc_id,
            "PrivateIpAddress": endpoint.ip,
            "PrivateDnsName": private_name(endpoint.ip),
            "PublicIpAddress": endpoint.public_ip,
            "PublicDnsName": public_name(endpoint.public_ip) if endpoint.public_ip else "",
            "SourceDestCheck": True,
            "SecurityGroups": groups,
            "BlockDeviceMappings": [
                {"DeviceName": instance.root_device, "Ebs": {**ebs, "AttachTime": instance.launched}}
            ],
        }


def private_name(ip: str) -> str:
    """As us-east-1 names them."""
    return f"ip-{ip.replace('.', '-')}.ec2.internal"


def public_name(ip: str) -> str:
    return f"ec2-{ip.replace('.', '-')}.compute-1.amazonaws.com"


def _state(state: State) -> dict[str, Any]:
    return {"Code": CODES[state], "Name": state}


def _status(instance: Instance) -> dict[str, Any]:
    """A machine that has booted passes both checks: nothing else is looked at."""
    word, detail = ("ok", "passed") if instance.state == "running" else ("initializing", "initializing")
    if instance.state not in ("running", "pending"):
        word, detail = "not-applicable", "insufficient-data"
    check = {"Status": word, "Details": [{"Name": "reachability", "Status": detail}]}
    return {
        "InstanceId": instance.id,
        "AvailabilityZone": instance.endpoint.zone,
        "InstanceState": _state(instance.state),
        "SystemStatus": check,
        "InstanceStatus": check,
    }
