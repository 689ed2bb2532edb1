"""The targets: a fixed number of servers over two zones, replaced when they are unhealthy."""

from __future__ import annotations

from aws_cdk import (
    CfnAutoScalingRollingUpdate,
    CfnAutoScalingScheduledAction,
    CfnUpdatePolicy,
    Duration,
    Stack,
    Tags,
)
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from compliance import acknowledge
from constructs import Construct
from settings.destination import Target

from target_site.image import ServersImage

SIGNAL_TIMEOUT = "PT15M"
"""from the start of a server until it reports that it serves"""
NOT_DURING_AN_UPDATE = ["HealthCheck", "ReplaceUnhealthy", "AZRebalance", "AlarmNotification", "ScheduledActions"]
"""https://repost.aws/knowledge-center/auto-scaling-group-rolling-updates recommends to suspend them"""


class Servers(Construct):
    """The auto scaling group, started from the image of the accepted replica. Each server reads its mode (scratch or live) at its start."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        instance_profile: iam.IInstanceProfile,
        image: ServersImage,
        settings: Target,
    ) -> None:
        super().__init__(scope, construct_id)
        template = self._create_template(security_group, instance_profile, image, settings)
        self.group = self._create_group(name, vpc, template, settings)
        group = self.group.node.default_child
        assert isinstance(group, autoscaling.CfnAutoScalingGroup)
        group.min_size = image.choose_minimum(settings.minimum)
        group.cfn_options.update_policy = _build_update_policy(settings)
        stack = Stack.of(self)
        Tags.of(self.group).add("cutover:role", "target")
        Tags.of(self.group).add("cutover:stack", stack.stack_name)
        Tags.of(self.group).add("cutover:resource", stack.get_logical_id(group))
        Tags.of(self.group).add("Name", "cutover-target")

    def _create_template(
        self,
        security_group: ec2.ISecurityGroup,
        instance_profile: iam.IInstanceProfile,
        image: ServersImage,
        settings: Target,
    ) -> ec2.LaunchTemplate:
        """Create the launch template, with an encrypted disk of the image's size."""
        template = ec2.LaunchTemplate(
            self,
            "Template",
            machine_image=image.machine_image,
            instance_type=ec2.InstanceType(settings.instance_type),
            security_group=security_group,
            instance_profile=instance_profile,
            http_tokens=ec2.LaunchTemplateHttpTokens.REQUIRED,
            http_put_response_hop_limit=1,
            instance_metadata_tags=True,
        )
        resource = template.node.default_child
        assert isinstance(resource, ec2.CfnLaunchTemplate)
        # The disk keeps the image's size, which the CDK's own property would ask for. EC2 would launch nothing with another device than the
        # image's root device: it would be a second disk, whose size is missing.
        disk = {"Encrypted": True, "VolumeType": "gp3", "DeleteOnTermination": True}
        resource.add_property_override(
            "LaunchTemplateData.BlockDeviceMappings", [{"DeviceName": image.root_device, "Ebs": disk}]
        )
        acknowledge(
            template,
            "CloudFormation-Validate::E1152",
            "The image's id is the value of a parameter of Parameter Store, whose name the check takes for the value.",
        )
        return template

    def _create_group(
        self, name: str, vpc: ec2.IVpc, template: ec2.LaunchTemplate, settings: Target
    ) -> autoscaling.AutoScalingGroup:
        """Create the group. Health checks of the load balancers replace a server."""
        group = autoscaling.AutoScalingGroup(
            self,
            "Group",
            auto_scaling_group_name=name,
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            launch_template=template,
            min_capacity=settings.minimum,
            max_capacity=settings.maximum,
            health_checks=autoscaling.HealthChecks.with_additional_checks(
                additional_types=[autoscaling.AdditionalHealthCheckType.ELB], grace_period=Duration.minutes(3)
            ),
        )
        acknowledge(
            group,
            "AwsSolutions-EC26",
            "Encrypted by a property override of the launch template, which the check cannot see; a test does.",
        )
        acknowledge(
            group,
            "AwsSolutions-AS3",
            "The dashboard shows the number of healthy servers; who is called out for it is the operator's choice.",
        )
        return group


def _build_update_policy(settings: Target) -> CfnUpdatePolicy:
    """Return the policy by which CloudFormation replaces the servers one by one after a change of their template.

    A server reports to CloudFormation when it serves (the tool's verb `boot`). Only then does an old server leave the group. The
    number of servers in service must be below the group's maximum
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html).
    """
    return CfnUpdatePolicy(
        auto_scaling_rolling_update=CfnAutoScalingRollingUpdate(
            max_batch_size=1,
            min_instances_in_service=min(settings.minimum, settings.maximum - 1),
            wait_on_resource_signals=True,
            pause_time=SIGNAL_TIMEOUT,
            suspend_processes=NOT_DURING_AN_UPDATE,
        ),
        # A deploy keeps the number of servers that scaling or an operator has set.
        auto_scaling_scheduled_action=CfnAutoScalingScheduledAction(ignore_unmodified_group_size_properties=True),
    )
