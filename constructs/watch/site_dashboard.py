"""One page for the operator of the site: its servers and its requests. It stays when the migration is gone."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct
from target_site import Balancers

from watch.graph import MINUTE, create_graph


class SiteDashboard(Construct):
    """Healthy servers, requests, errors and response time, from the metrics of the load balancer."""

    def __init__(self, scope: Construct, construct_id: str, *, site: str, balancers: Balancers) -> None:
        super().__init__(scope, construct_id)
        http, targets = balancers.http.metrics, balancers.http_targets.metrics
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=f"cutover-{site}-site",
            widgets=[
                [
                    create_graph(
                        "Servers of the target",
                        targets.healthy_host_count(period=MINUTE, statistic="Minimum"),
                        targets.unhealthy_host_count(period=MINUTE, statistic="Maximum"),
                    ),
                    create_graph("Requests", http.request_count(period=MINUTE)),
                ],
                [
                    create_graph(
                        "Errors of targets and load balancer",
                        http.http_code_target(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, period=MINUTE),
                        http.http_code_elb(elbv2.HttpCodeElb.ELB_5XX_COUNT, period=MINUTE),
                    ),
                    create_graph("Response time", http.target_response_time(period=MINUTE, statistic="p95")),
                ],
            ],
        )
