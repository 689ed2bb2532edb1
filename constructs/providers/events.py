"""The queue of the site that receives the events of its provider."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from compliance import acknowledge
from constructs import Construct

from providers.interface import Provider

RETENTION = Duration.minutes(5)
"""An event is only the reason to read the provider's API now, so an old one has no use."""


class ProviderEvents(Construct):
    """Provider -> EventBridge rule -> `queue`, which the procedure reads while it waits. Best effort: the procedure polls too.

    The queue receives the events of all source servers in the region, because the id of the site's own is not known before the run.
    """

    def __init__(self, scope: Construct, construct_id: str, *, pattern: events.EventPattern) -> None:
        super().__init__(scope, construct_id)
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=RETENTION,
            visibility_timeout=Duration.seconds(30),
            receive_message_wait_time=Duration.seconds(20),
        )
        events.Rule(
            self,
            "Rule",
            description="Cutover: what the provider reports about its source servers",
            event_pattern=pattern,
            targets=[targets.SqsQueue(self.queue)],
        )
        acknowledge(
            self.queue,
            "AwsSolutions-SQS3",
            "A lost event delays the procedure until its next poll, so a queue of dead letters would have no reader.",
        )


def add_provider_events(scope: Construct, construct_id: str, *, provider: Provider) -> ProviderEvents | None:
    """Add the queue if the provider sends events. Return None for one that sends none."""
    pattern = provider.event_pattern
    return ProviderEvents(scope, construct_id, pattern=pattern) if pattern else None
