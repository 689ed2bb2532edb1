"""Define one server of the source: Ubuntu 24.04, no key pair, instance metadata by token only, encrypted disk."""

from __future__ import annotations

from aws_cdk import CfnDeletionPolicy, Duration, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from compliance import acknowledge
from constructs import Construct
from provisioning import Provisioning

UBUNTU = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
PROVISIONING_TIMEOUT = Duration.minutes(40)


def create_server(
    scope: Construct,
    *,
    role_tag: str,
    vpc: ec2.IVpc,
    security_group: ec2.ISecurityGroup,
    address: str,
    instance_type: str,
    volume_gib: int,
    role: iam.IRole,
    provisioning: Provisioning,
) -> ec2.Instance:
    """Create a server that reads its role from its own tag `cutover:role` in the instance metadata.

    A newer image does not replace the server: EC2 looks the image up at the launch, so the template does not change when
    Canonical publishes one. If another change replaces the server, CloudFormation retains the old one.
    """
    instance = ec2.Instance(
        scope,
        "Instance",
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
        security_group=security_group,
        private_ip_address=address,
        instance_type=ec2.InstanceType(instance_type),
        machine_image=ec2.MachineImage.resolve_ssm_parameter_at_launch(UBUNTU, os=ec2.OperatingSystemType.LINUX),
        role=role,
        user_data=provisioning.user_data,
        http_tokens=ec2.HttpTokens.REQUIRED,
        http_put_response_hop_limit=1,
        instance_metadata_tags=True,
        block_devices=[
            ec2.BlockDevice(
                device_name="/dev/sda1",
                volume=ec2.BlockDeviceVolume.ebs(volume_gib, encrypted=True, volume_type=ec2.EbsDeviceVolumeType.GP3),
            )
        ],
    )
    _resolve_image_at_launch(scope, instance.instance)
    instance.instance.cfn_options.deletion_policy = CfnDeletionPolicy.DELETE
    instance.instance.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
    Tags.of(instance).add("Name", f"cutover-{role_tag}")
    Tags.of(instance).add("cutover:role", role_tag)
    reason = "A stand-in for a server on somebody's premises, made to be migrated away: "
    acknowledge(instance, "AwsSolutions-EC28", reason + "five-minute metrics are enough for a demonstration.")
    acknowledge(instance, "AwsSolutions-EC29", reason + "deleting SourceStack must delete it.")
    return instance


def _resolve_image_at_launch(scope: Construct, instance: ec2.CfnInstance) -> None:
    """Let EC2 resolve the image's parameter at the launch.

    Only a launch template may name such a parameter. The template keeps its first version.
    """
    image = ec2.CfnLaunchTemplate(
        scope,
        "Image",
        launch_template_data=ec2.CfnLaunchTemplate.LaunchTemplateDataProperty(image_id=instance.image_id),
    )
    instance.image_id = None
    instance.launch_template = ec2.CfnInstance.LaunchTemplateSpecificationProperty(
        launch_template_id=image.ref, version="1"
    )
