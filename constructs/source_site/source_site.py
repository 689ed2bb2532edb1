"""What the later stacks know about the source."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_route53 as route53

from source_site.secrets import SourceSecrets


@dataclass(frozen=True, kw_only=True)
class SourceSite:
    """SourceStack makes one; for a source of your own, fill one with imported constructs."""

    vpc: ec2.IVpc
    cidr: str
    subnets: tuple[ec2.ISubnet, ...]
    app_instance_id: str
    app_role: iam.IRole
    app_security_group: ec2.ISecurityGroup
    database_instance_id: str
    database_security_group: ec2.ISecurityGroup
    secrets: SourceSecrets
    hosted_zone: route53.IHostedZone
