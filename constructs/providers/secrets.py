"""Secrets that the operator made, by the names in migration.toml."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct


def grant_read(scope: Construct, construct_id: str, *, name: str, grantee: iam.IGrantable) -> None:
    """Allow `grantee` to read the secret `name` in the account and region of `scope`.

    The right ends in `-??????`. Secrets Manager adds six characters to a secret's name.
    """
    secretsmanager.Secret.from_secret_name_v2(scope, construct_id, name).grant_read(grantee)
