"""What machines need to know about the target: SSM parameters `/cutover/<site>/target` and `/cutover/<site>/mode`."""

from __future__ import annotations

from applications.profile import Profile
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_ssm as ssm
from constructs import Construct
from report_channel import ReportChannel
from settings.model import Site


class TargetFacts(Construct):
    """Written before the first launch, so that it holds only what exists by then; the balancers' addresses go to the
    procedure with its run. `mode` is the procedure's: CloudFormation gives it its first value."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        site: Site,
        profile: Profile,
        channel: ReportChannel,
        zone: route53.IHostedZone,
        admission: ec2.ISecurityGroup,
        group_name: str,
    ) -> None:
        super().__init__(scope, construct_id)
        ssm.StringParameter(
            self,
            "Target",
            parameter_name=f"/cutover/{site.name}/target",
            description="Cutover: what machines and functions need to know about the target",
            string_value=Stack.of(self).to_json_string(
                {
                    "topic_arn": channel.topic.topic_arn,
                    "queue_url": channel.queue.queue_url,
                    "admission_security_group_id": admission.security_group_id,
                    "auto_scaling_group": group_name,
                    "site_url": site.url,
                    "site_dns_name": site.dns_name,
                    **_names_and_numbers(site, profile),
                    "hosted_zone_id": zone.hosted_zone_id,
                }
            ),
        )
        ssm.StringParameter(
            self,
            "Mode",
            parameter_name=f"/cutover/{site.name}/mode",
            description="Cutover: what a starting server serves, scratch or live; written by the procedure",
            string_value="scratch",
        )


def _names_and_numbers(site: Site, profile: Profile) -> dict[str, str | int]:
    """Return `<port>_dns_name` and `<port>_port` of each public port that is not HTTP."""
    found: dict[str, str | int] = {}
    for port in profile.tcp:
        if port.public:
            found |= {f"{port.name}_dns_name": site.port_name(port), f"{port.name}_port": port.number}
    return found
