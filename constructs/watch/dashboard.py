"""One page for the operator of a run: replication and alarms."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from procedure.plan import WARNINGS_METRIC

from watch.graph import MINUTE, create_graph


class RunDashboard(Construct):
    """The dashboard and its alarms. `warnings`: a step after the commit failed. `lost`: a report was not processed."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        site: str,
        lag: Mapping[str, cloudwatch.Metric],
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
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=f"cutover-{site}",
            widgets=[
                [
                    create_graph("Rows: seconds behind", *lag.values()),
                    cloudwatch.AlarmStatusWidget(
                        title="Waits for a person", alarms=[self.lost, self.warnings], width=8, height=6
                    ),
                ]
            ],
        )
