"""Grant the permission that the agent of Application Discovery Service needs."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from compliance import acknowledge


def grant_register_discovery_agent(role: iam.Role) -> None:
    """Let an agent on the role's machine register.

    Application Discovery Service has no narrower resource than `*` for this action.
    """
    role.add_to_policy(iam.PolicyStatement(actions=["arsenal:RegisterOnPremisesAgent"], resources=["*"]))
    acknowledge(
        role,
        "AwsSolutions-IAM5[Resource::*]",
        "Application Discovery Service knows no narrower resource for its agents.",
    )
