"""The right that the agent of Application Discovery Service needs."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from compliance import acknowledge


def may_register_discovery_agent(role: iam.Role) -> None:
    """Application Discovery Service knows no resource for this."""
    role.add_to_policy(iam.PolicyStatement(actions=["arsenal:RegisterOnPremisesAgent"], resources=["*"]))
    acknowledge(
        role,
        "AwsSolutions-IAM5[Resource::*]",
        "Application Discovery Service knows no narrower resource for its agents.",
    )
