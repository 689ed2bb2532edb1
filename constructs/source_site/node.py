"""Describe a server as Systems Manager identifies it."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Arn, ArnComponents, Aws, Token
from settings.sources.values import EC2_INSTANCE, HYBRID_NODE


@dataclass(frozen=True, kw_only=True)
class ManagedNode:
    """A server that accepts commands through Systems Manager: an EC2 instance or a hybrid node.

    Raises ValueError for an id that is neither, and for a hybrid node without an address.
    """

    id: str
    """`i-…` or `mi-…`; a token is the reference to an EC2 instance, because CloudFormation registers no hybrid nodes"""
    address: str = ""
    """private IPv4 address that the destination connects to; empty for an EC2 instance, whose address EC2 knows"""
    role_tag: str = ""
    """its EC2 tag `cutover:role`, which permits commands to it; empty: the node is named by its ARN"""

    def __post_init__(self) -> None:
        if not (Token.is_unresolved(self.id) or EC2_INSTANCE.fullmatch(self.id) or HYBRID_NODE.fullmatch(self.id)):
            raise ValueError(f"{self.id!r} is no managed node: expected an EC2 instance (i-…) or a hybrid node (mi-…)")
        if self.is_hybrid and not self.address:
            raise ValueError(f"{self.id}: give its private address, which EC2 does not know of a hybrid node")

    @property
    def is_hybrid(self) -> bool:
        """Return whether the machine is no EC2 instance: it has no instance metadata, and EC2 cannot describe it."""
        return not Token.is_unresolved(self.id) and self.id.startswith("mi-")

    @property
    def arn(self) -> str:
        """Return the resource of `ssm:SendCommand`.

        Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
        """
        return Arn.format(
            ArnComponents(
                partition=Aws.PARTITION,
                service="ssm" if self.is_hybrid else "ec2",
                region=Aws.REGION,
                account=Aws.ACCOUNT_ID,
                resource="managed-instance" if self.is_hybrid else "instance",
                resource_name=self.id,
            )
        )
