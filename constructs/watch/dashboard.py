"""One page for the operator: replication, health of the site, and alarms."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from procedure.plan import WARNINGS_METRIC
from target_site import Balancers

MINUTE = Duration.minutes(1)


class RunDashboard(Construct):
    """The dashboard and its alarms. `warnings`: a step after the commit failed. `lost`: a report was not processed."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        site: str,
        lag: Mapping[str, cloudwatch.Metric],
        balancers: Balancers,
        lost: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self.lost = lost.metric_approximate_number_of_messages_visible(period=MINUTE, statistic="Maximum").create_alarm(
            self,
            "Lost",
            alarm_description="A report, or a message about one, could not be handled: look into the queue",
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self.warnings = cloudwatch.Metric(
            namespace="Cutover",
            metric_name=WARNINGS_METRIC,
            dimensions_map={"service": "procedure"},
            statistic="Sum",
            period=MINUTE,
        ).create_alarm(
            self,
            "Warnings",
            alarm_description="The site is live, but something after the commit could not be done: see the run's evidence",
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        http = balancers.http.metrics
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=f"cutover-{site}",
            widgets=[
                [
                    _create_graph("Rows: seconds behind", *lag.values()),
                    _create_graph("Healthy servers", *_list_health_metrics(balancers.http_targets)),
                    cloudwatch.AlarmStatusWidget(
                        title="Waits for a person", alarms=[self.lost, self.warnings], width=8, height=6
                    ),
                ],
                [
                    _create_graph("Requests", http.request_count(period=MINUTE)),
                    _create_graph(
                        "Errors of servers and balancer",
                        http.http_code_target(elbv2.HttpCodeTarget.TARGET_5XX_COUNT, period=MINUTE),
                        http.http_code_elb(elbv2.HttpCodeElb.ELB_5XX_COUNT, period=MINUTE),
                    ),
                    _create_graph("Response time", http.target_response_time(period=MINUTE, statistic="p95")),
                ],
            ],
        )


def _list_health_metrics(targets: elbv2.ApplicationTargetGroup) -> tuple[cloudwatch.IMetric, cloudwatch.IMetric]:
    metrics = targets.metrics
    return (
        metrics.healthy_host_count(period=MINUTE, statistic="Minimum"),
        metrics.unhealthy_host_count(period=MINUTE, statistic="Maximum"),
    )


def _create_graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=8, height=6)
