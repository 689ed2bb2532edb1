"""Define the site's public names. They point to the source until the procedure moves them."""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_route53 as route53
from constructs import Construct
from settings import Settings
from settings.zones import Route53Zone


class SiteName(Construct):
    """One record for the site and one for each port that is not HTTP, all with the source's address.

    The procedure changes these records later, so CloudFormation never deletes or resets them. Deleting the stack retains
    them, and the zone if the stack created it.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, address: str) -> None:
        super().__init__(scope, construct_id)
        zone = settings.site.hosted_zone
        assert isinstance(zone, Route53Zone)  # the settings accept no other for the demo
        if zone.id:
            self.zone: route53.IHostedZone = route53.HostedZone.from_hosted_zone_attributes(
                self, "Zone", hosted_zone_id=zone.id, zone_name=zone.name
            )
        else:
            self.zone = route53.PublicHostedZone(self, "Zone", zone_name=zone.name)
            self.zone.apply_removal_policy(RemovalPolicy.RETAIN)
        others = {port.construct_id: settings.site.get_port_name(port) for port in settings.profile.tcp if port.public}
        for construct_name, name in {"Site": settings.site.dns_name, **others}.items():
            record = route53.ARecord(
                self,
                construct_name,
                zone=self.zone,
                record_name=f"{name}.",
                target=route53.RecordTarget.from_ip_addresses(address),
                ttl=Duration.seconds(60),
            )
            record.apply_removal_policy(RemovalPolicy.RETAIN)
