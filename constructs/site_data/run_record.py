"""The record of runs. It records which side serves, so it belongs to the site and outlives the migration."""

from __future__ import annotations

from aws_cdk import aws_dynamodb as dynamodb
from common.site_parameters import build_runs_table_name
from constructs import Construct
from settings import Settings

from site_data.removal import choose_removal_policy


class RunRecord(Construct):
    """`table` has one item per site: lock, lease, phase, decision.

    After the commit the site's servers read the decision at their start, and each new run reads that the site was moved.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.Table(
            self,
            "Runs",
            table_name=build_runs_table_name(settings.site.name),
            partition_key=dynamodb.Attribute(name="site", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=choose_removal_policy(settings),
        )
