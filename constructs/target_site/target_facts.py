"""What a run needs to know about the target before its first launch: SSM parameter `/cutover/<site>/target`."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ssm as ssm
from common.site_parameters import Parameter, TargetParameter, build_parameter_path
from constructs import Construct
from report_channel import ReportChannel
from settings.site import Site
from source_site import PublicNames


class TargetFacts(Construct):
    """The parameter `target`. The run's input has the load balancers' addresses. The servers of the site do not read it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        site: Site,
        names: PublicNames,
        channel: ReportChannel,
        admission: ec2.ISecurityGroup,
        group_name: str,
    ) -> None:
        super().__init__(scope, construct_id)
        ssm.StringParameter(
            self,
            "Target",
            parameter_name=build_parameter_path(site.name, Parameter.TARGET),
            description="Cutover: what machines and functions need to know about the target",
            string_value=Stack.of(self).to_json_string(
                TargetParameter(
                    topic_arn=channel.topic.topic_arn,
                    queue_url=channel.queue.queue_url,
                    admission_security_group_id=admission.security_group_id,
                    auto_scaling_group=group_name,
                    site_url=site.url,
                    site_dns_name=names.dns_name,
                    tcp=names.tcp,
                    hosted_zone_id=names.hosted_zone_id,
                ).to_json()
            ),
        )
