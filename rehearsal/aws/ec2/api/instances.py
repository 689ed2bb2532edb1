"""Handle the actions of EC2 about instances."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from rehearsal.aws.ec2 import exceptions
from rehearsal.aws.ec2.images import Images
from rehearsal.aws.ec2.instances import Instances
from rehearsal.aws.ec2.launch import LaunchTemplates, launch
from rehearsal.aws.ec2.models import Instance, State, now
from rehearsal.aws.ec2.responses.instances import FILTERS, InstanceResponses, format_state, format_status
from rehearsal.aws.exceptions import ApiError, NotEmulated
from rehearsal.aws.network.endpoints import Endpoints
from rehearsal.aws.paging import cut_page, filter_items
from rehearsal.aws.registry import Registry
from rehearsal.aws.tags import Tags

Filters = list[dict[str, Any]] | None
AT_LAUNCH = "resolve:ssm:"
TERMINATED_SHOWN_FOR = timedelta(hours=1)
"""how long EC2 shows an instance that is terminated"""


class InstanceApi:
    """The actions on instances."""

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
        self._public = registry.get_records("ssm", "PUBLIC_AMI_PARAMETERS")
        self._responses = InstanceResponses(endpoints, tags)
        self._tokens: dict[str, list[Instance]] = {}
        registry.register_actions(
            "ec2",
            {
                "RunInstances": self.run,
                "DescribeInstances": self.describe,
                "DescribeInstanceAttribute": self.describe_attribute,
                "DescribeInstanceStatus": self.describe_status,
                "StartInstances": partial(self._change_each, instances.start, "StartingInstances"),
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
        """Start instances. A repeated client token returns the same ones."""
        if client_token and client_token in self._tokens:
            return self._responses.format_reservation(self._tokens[client_token])
        instances = self.launch(
            max_count, image_id=image_id, launch_template=launch_template, least=min_count, **parameters
        )
        if client_token:
            self._tokens[client_token] = instances
        return self._responses.format_reservation(instances)

    def launch(
        self,
        count: int,
        *,
        image_id: str | None = None,
        launch_template: dict[str, Any] | None = None,
        least: int | None = None,
        **parameters: Any,
    ) -> list[Instance]:
        """Launch instances, for RunInstances and for auto scaling. Tags of the template and of the request are combined."""
        if launch_template:
            data, _ = self._templates.read_data(launch_template)
            image_id = image_id or data.get("image_id")
            tags = [*data.pop("tag_specifications", []), *parameters.pop("tag_specifications", [])]
            data.pop("image_id", None)
            parameters = {**data, **parameters, "tag_specifications": tags}
        if not image_id:
            raise exceptions.missing_image_id()
        try:
            wanted = launch(**parameters)
        except TypeError as error:
            raise NotEmulated(f"RunInstances: {error}") from None
        image, started = self._images.get(self._resolve_image(image_id)), []
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

    def _resolve_image(self, image_id: str) -> str:
        """Return the image's id, also where a public parameter of Systems Manager names it, as EC2 looks it up at each launch."""
        if not image_id.startswith(AT_LAUNCH):
            return image_id
        name = image_id.removeprefix(AT_LAUNCH)
        if name not in self._public:
            raise exceptions.public_parameter_not_found(name)
        return str(self._public[name])

    def describe(
        self,
        instance_ids: list[str] | None = None,
        filters: Filters = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> dict[str, Any]:
        """Return the instances that match."""
        found = [self._instances.get(one) for one in instance_ids] if instance_ids else self._get_recent()
        found = filter_items(found, filters, FILTERS, lambda i: self._tags.of(i.id))
        shown, token = cut_page(found, next_token, max_results)
        reservations = [self._responses.format_reservation([instance]) for instance in shown]
        return {"Reservations": reservations, "NextToken": token}

    def describe_attribute(self, instance_id: str, attribute: str) -> dict[str, Any]:
        """Return the user data as the API has it: in base64, no member `Value` when the instance has none."""
        if attribute != "userData":
            raise NotEmulated(f"DescribeInstanceAttribute: {attribute}")
        given = self._instances.get(instance_id).user_data
        return {"InstanceId": instance_id, "UserData": {"Value": base64.b64encode(given).decode()} if given else {}}

    def describe_status(
        self,
        instance_ids: list[str] | None = None,
        filters: Filters = None,
        include_all_instances: bool = False,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> dict[str, Any]:
        """Return the status of the instances that match."""
        found = [self._instances.get(one) for one in instance_ids] if instance_ids else self._get_recent()
        found = [instance for instance in found if include_all_instances or instance.state == "running"]
        found = filter_items(found, filters, FILTERS, lambda i: self._tags.of(i.id))
        shown, token = cut_page(found, next_token, max_results)
        return {"InstanceStatuses": [format_status(instance) for instance in shown], "NextToken": token}

    def stop(self, instance_ids: list[str], force: bool = False) -> dict[str, Any]:
        """Stop instances."""
        return self._change_each(partial(self._instances.stop, force=force), "StoppingInstances", instance_ids)

    def terminate(self, instance_ids: list[str]) -> dict[str, Any]:
        """Terminate instances. Raises ApiError for one that is protected."""
        for instance in map(self._instances.get, instance_ids):
            if instance.protected:
                raise exceptions.termination_protected(instance.id)
        return self._change_each(self._instances.terminate, "TerminatingInstances", instance_ids)

    def reboot(self, instance_ids: list[str]) -> None:
        """Reboot instances."""
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
        """Make an image of an instance."""
        instance = self._instances.get(instance_id)
        image = self._instances.create_image(
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
        """Change an instance's security groups, its protection, or what a shutdown from inside does."""
        instance = self._instances.get(instance_id)
        if groups is not None:
            self._endpoints.check_groups(groups, instance.endpoint.vpc_id)
            instance.endpoint.groups = tuple(groups)
            self._changed()
        if disable_api_termination is not None:
            instance.protected = disable_api_termination.get("Value", False)
        if instance_initiated_shutdown_behavior is not None:
            instance.shutdown_behavior = instance_initiated_shutdown_behavior.get("Value", "stop")

    def _change_each(self, change: Callable[[Instance], State], member: str, instance_ids: list[str]) -> dict[str, Any]:
        instances = [self._instances.get(one) for one in instance_ids]
        return {
            member: [
                {
                    "InstanceId": instance.id,
                    "PreviousState": format_state(change(instance)),
                    "CurrentState": format_state(instance.state),
                }
                for instance in instances
            ]
        }

    def _get_recent(self) -> list[Instance]:
        return [i for i in self._instances.list_all() if i.ended is None or now() - i.ended < TERMINATED_SHOWN_FOR]
