"""Custom resources of ReplicationStack: what CloudFormation cannot do itself before replication runs."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import CustomResource, Stack
from constructs import Construct

from state_machines.custom_resources import CustomResources


class PrepareTargetDatabase(Construct):
    """Creates the target's schemas from the source's DDL, on `source_app_instance_id`. Must exist before StartReplication.

    `schema`: primary schema that migration.toml gives an existing source. The server refuses when it has another one.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        custom_resources: CustomResources,
        source_app_instance_id: str,
        schema: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.resource = CustomResource(
            self,
            "Run",
            resource_type="Custom::PrepareTargetDatabase",
            service_token=custom_resources.service_token,
            properties={"InstanceId": source_app_instance_id, **({"Schema": schema} if schema else {})},
        )


class StartReplication(Construct):
    """The task runs while this exists; deleting it stops the task, which is what lets CloudFormation delete the task."""

    def __init__(
        self, scope: Construct, construct_id: str, *, custom_resources: CustomResources, replication_task_arn: str
    ) -> None:
        super().__init__(scope, construct_id)
        self.resource = CustomResource(
            self,
            "Run",
            resource_type="Custom::StartReplication",
            service_token=custom_resources.service_token,
            properties={"TaskArn": replication_task_arn},
        )


class ProviderSettings(Construct):
    """Where the provider puts its replication servers. The provider's client in the functions translates this for its service."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        custom_resources: CustomResources,
        subnet_id: str,
        security_group_ids: Sequence[str],
        use_private_ip: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        custom_resources.grant_replication_settings()
        self.resource = CustomResource(
            self,
            "Run",
            resource_type="Custom::ProviderSettings",
            service_token=custom_resources.service_token,
            properties={
                "Configuration": Stack.of(self).to_json_string(
                    {
                        "subnet_id": subnet_id,
                        "security_group_ids": list(security_group_ids),
                        "use_private_ip": use_private_ip,
                    }
                )
            },
        )
