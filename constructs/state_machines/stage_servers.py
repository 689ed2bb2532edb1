"""The start of the site's servers as a resource: it exists when they run the image of the test launch."""

from __future__ import annotations

from aws_cdk import CustomResource
from constructs import Construct

from state_machines.custom_resources import CustomResources


class StageServers(Construct):
    """Writes the parameter `image` and updates the stack of the servers, whose template stays as it is.

    `stack_name`: a name, not a reference, so that the stack of the servers exports nothing for it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        custom_resources: CustomResources,
        stack_name: str,
        group_name: str,
        image_id: str,
    ) -> None:
        super().__init__(scope, construct_id)
        custom_resources.grant_stage_servers(stack_name)
        self.resource = CustomResource(
            self,
            "Run",
            resource_type="Custom::StageServers",
            service_token=custom_resources.service_token,
            properties={"StackName": stack_name, "Group": group_name, "ImageId": image_id},
        )
