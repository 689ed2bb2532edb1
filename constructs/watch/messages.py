"""The topic of the messages for people: test passed or failed, ready, frozen, committed, rolled back, warning."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct


class MessageTopic(Construct):
    """The topic, with a subscription for each mail address. SNS sends nothing to an address until its owner has confirmed the subscription."""

    def __init__(self, scope: Construct, construct_id: str, *, site: str, emails: Sequence[str]) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(
            self,
            "Topic",
            topic_name=f"cutover-{site}-messages",
            display_name=f"Cutover {site}",
            master_key=kms.Alias.from_alias_name(self, "SnsKey", "alias/aws/sns"),
            enforce_ssl=True,
        )
        for email in emails:
            self.topic.add_subscription(subscriptions.EmailSubscription(email))
