"""The image of the site's servers: a fixed one from migration.toml, or the one that the test launch has made."""

from __future__ import annotations

from aws_cdk import CfnCondition, CfnParameter, Fn, Stack, Token
from aws_cdk import aws_ec2 as ec2
from common.site_parameters import NO_IMAGE, Parameter, build_parameter_path
from constructs import Construct

PLACEHOLDER = "resolve:ssm:/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
"""Auto Scaling accepts no group whose launch template names no existing image, not even an empty group. No server starts from this one."""


class ServersImage:
    """`machine_image` of the launch template, its root device, and the smallest number of servers.

    CloudFormation reads the parameters `image` and `image-root-device` at each deploy of the stack. While it has no image, the group is empty.
    `root_device`: the provider decides which name the root device of its machines has. A fixed image is one of the site's servers.
    """

    def __init__(self, stack: Stack | Construct, *, site: str, image_id: str | None) -> None:
        self._region = Stack.of(stack).region
        self.current: str = image_id or NO_IMAGE
        """for the stack's output: the image that its servers have, NO_IMAGE while it has none"""
        self.root_device: str = CfnParameter(
            stack,
            "ImageRootDevice",
            type="AWS::SSM::Parameter::Value<String>",
            default=build_parameter_path(site, Parameter.IMAGE_ROOT_DEVICE),
            description="The root device of that image",
        ).value_as_string
        self._staged: CfnCondition | None = None
        if image_id is not None:
            self._image_id = image_id
            return
        parameter = CfnParameter(
            stack,
            "Image",
            type="AWS::SSM::Parameter::Value<String>",
            default=build_parameter_path(site, Parameter.IMAGE),
            description="The image that the test launch has made",
        )
        self.current = made = parameter.value_as_string
        self._staged = CfnCondition(stack, "HasImage", expression=Fn.condition_not(Fn.condition_equals(made, NO_IMAGE)))
        self._image_id = Token.as_string(Fn.condition_if(self._staged.logical_id, made, PLACEHOLDER))

    @property
    def machine_image(self) -> ec2.IMachineImage:
        """Return the image for a launch template."""
        return ec2.MachineImage.generic_linux({self._region: self._image_id})

    def choose_minimum(self, minimum: int) -> str:
        """Return the smallest number of servers: 0 while there is no image."""
        if self._staged is None:
            return str(minimum)
        return Token.as_string(Fn.condition_if(self._staged.logical_id, str(minimum), "0"))
