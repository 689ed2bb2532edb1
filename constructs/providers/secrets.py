"""Secrets that the operator made, by the names in migration.toml."""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from constructs import IConstruct


def allow_reading_secret(scope: IConstruct, name: str) -> iam.PolicyStatement:
    """Return the right to read the secret `name` in the account and region of `scope`. Secrets Manager adds six characters to its name."""
    arn = Stack.of(scope).format_arn(
        service="secretsmanager",
        resource="secret",
        resource_name=f"{name}-??????",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[arn])
