"""One page for the operator of a run: replication and alarms."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from compliance import describe_alarm
from constructs import Construct
from procedure.plan import WARNINGS_METRIC

from watch.graph import MINUTE, create_graph, create_legend

WORDS = (
    "Words as in `operate status`: the **run** is in a **phase**. The **lease** is the time until which the source may be frozen. The **decision** is commit, "
    "rollback or thaw; before it, every failure rolls the run back. `.venv/bin/python -m operate status` shows them, and which side **serves**."
)


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
        self.lost = self._create_lost_alarm(lost)
        self.warnings = self._create_warnings_alarm()
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=f"cutover-{site}",
            widgets=[
                [create_legend(WORDS)],
                [
                    create_graph("Replication of rows: lag in seconds", *lag.values()),
                    create_graph("Run: seconds of each step", _search_steps()),
                    cloudwatch.AlarmStatusWidget(
                        title="A person must act: lost reports, warnings",
                        alarms=[self.lost, self.warnings],
                        width=8,
                        height=6,
                    ),
                ],
            ],
        )

    def _create_lost_alarm(self, lost: sqs.IQueue) -> cloudwatch.Alarm:
        return lost.metric_approximate_number_of_messages_visible(period=MINUTE, statistic="Maximum").create_alarm(
            self,
            "Lost",
            alarm_description=describe_alarm(
                "Report: the report of a replica could not be processed, so its run waits for it and then rolls back",
                do="read the message in the queue that the alarm names, and the log of the report function; correct the cause, deploy again",
            ),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _create_warnings_alarm(self) -> cloudwatch.Alarm:
        return cloudwatch.Metric(
            namespace="Cutover",
            metric_name=WARNINGS_METRIC,
            dimensions_map={"service": "procedure"},
            statistic="Sum",
            period=MINUTE,
        ).create_alarm(
            self,
            "Warnings",
            alarm_description=describe_alarm(
                "Warning: the run has committed and the target serves, but a step after the commit failed",
                do="read the warnings in outputs.json of the run's evidence, and do what each of them says",
            ),
            threshold=1,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


def _search_steps() -> cloudwatch.IMetric:
    """Return the duration of each finished step, one line of the graph for each step of the plan."""
    return cloudwatch.MathExpression(
        expression="SEARCH('{Cutover,service,step} MetricName=\"StepSeconds\"', 'Maximum', 60)", label="", period=MINUTE
    )
