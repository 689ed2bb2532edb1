"""The load balancers: HTTP through an ALB, each other port through an NLB of its own (an ALB carries only HTTP)."""

from __future__ import annotations

from applications.profile import Port, Profile
from aws_cdk import Duration
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from compliance import acknowledge
from constructs import Construct
from settings.site import Site

HEALTH_PATH = "/cutover/health"
STICKINESS = Duration.seconds(300)
"""The application keeps sessions in files of one server."""
IDLE = Duration.minutes(10)
"""Git is silent for long while it packs or resolves deltas. The servers' proxy keeps idle connections longer (`http-keep-alive`), so that
no request meets a connection that is being closed."""


class Balancers(Construct):
    """The load balancers. All of them have the security group `admission`, whose rules the procedure changes.

    Targets accept traffic from that group only. Listeners add no ingress by themselves.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        profile: Profile,
        site: Site,
        vpc: ec2.IVpc,
        admission: ec2.ISecurityGroup,
        servers: autoscaling.AutoScalingGroup,
        certificate_arn: str | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._vpc, self._admission, self._servers = vpc, admission, servers
        self._site, self._http_port = site, profile.http.number
        self.http = self._create_http(certificate_arn)
        self.tcp = {port.name: self._create_tcp(port) for port in profile.tcp if port.public}
        """by the port's name"""
        for balancer in (self.http, *self.tcp.values()):
            acknowledge(
                balancer,
                "AwsSolutions-ELB2",
                "The proxy on each server logs every request with its outcome; the balancers' own logs add no fact.",
            )

    def _create_http(self, certificate_arn: str | None) -> elbv2.ApplicationLoadBalancer:
        balancer = elbv2.ApplicationLoadBalancer(
            self,
            "Http",
            vpc=self._vpc,
            internet_facing=True,
            security_group=self._admission,
            drop_invalid_header_fields=True,
            idle_timeout=IDLE,
        )
        self.http_targets = elbv2.ApplicationTargetGroup(
            self,
            "HttpTargets",
            vpc=self._vpc,
            port=self._http_port,
            protocol=elbv2.ApplicationProtocol.HTTP,
            targets=[self._servers],
            stickiness_cookie_duration=STICKINESS,
            deregistration_delay=Duration.seconds(30),
            health_check=_build_health_check(self._http_port),
        )
        serve = elbv2.ListenerAction.forward([self.http_targets])
        if certificate_arn:
            balancer.add_listener(
                "Https",
                port=443,
                open=False,
                certificates=[elbv2.ListenerCertificate.from_arn(certificate_arn)],
                ssl_policy=elbv2.SslPolicy.RECOMMENDED_TLS,
                default_action=serve,
            )
            balancer.add_listener(
                "Http",
                port=self._http_port,
                protocol=elbv2.ApplicationProtocol.HTTP,
                open=False,
                default_action=elbv2.ListenerAction.redirect(protocol="HTTPS", port="443", permanent=True),
            )
        else:
            balancer.add_listener(
                "Http",
                port=self._http_port,
                protocol=elbv2.ApplicationProtocol.HTTP,
                open=False,
                default_action=serve,
            )
        return balancer

    def _create_tcp(self, port: Port) -> elbv2.NetworkLoadBalancer:
        name = port.name.capitalize()
        balancer = elbv2.NetworkLoadBalancer(
            self,
            name,
            vpc=self._vpc,
            internet_facing=True,
            cross_zone_enabled=True,
            security_groups=[self._admission],
        )
        group = elbv2.NetworkTargetGroup(
            self,
            f"{name}Targets",
            vpc=self._vpc,
            port=port.number,
            protocol=elbv2.Protocol.TCP,
            targets=[self._servers],
            deregistration_delay=Duration.seconds(30),
            # A server without its database still responds on such a port.
            health_check=_build_health_check(self._http_port),
        )
        balancer.add_listener(
            port.construct_id,
            # The servers listen at the profile's port, whatever users type: port 22 is that of their own SSH server.
            port=self._site.get_port_number(port),
            default_action=elbv2.NetworkListenerAction.forward([group]),
        )
        return balancer


def _build_health_check(http_port: int) -> elbv2.HealthCheck:
    """Return the health check: 200 only when the application itself reports that its database is reachable.

    A new server serves after one response, which the procedure waits for, and a server that was unhealthy after two. A server leaves after 30 s without one.
    """
    return elbv2.HealthCheck(
        protocol=elbv2.Protocol.HTTP,
        port=str(http_port),
        path=HEALTH_PATH,
        healthy_http_codes="200",
        interval=Duration.seconds(5),
        timeout=Duration.seconds(4),
        healthy_threshold_count=2,
        unhealthy_threshold_count=6,
    )
