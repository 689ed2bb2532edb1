"""Create the secrets of the machines, and return their ARNs for policies."""

from __future__ import annotations

import json

from aws_cdk import RemovalPolicy
from aws_cdk import aws_secretsmanager as secretsmanager
from compliance import acknowledge
from constructs import Construct


def create_secret(
    scope: Construct, construct_id: str, *, description: str, fixed: dict[str, str | int], key: str = "password"
) -> secretsmanager.Secret:
    """Create a secret: JSON of `fixed` and a random `key` of 32 letters and digits, safe in INI files, DSNs and shells."""
    secret = secretsmanager.Secret(
        scope,
        construct_id,
        description=description,
        generate_secret_string=secretsmanager.SecretStringGenerator(
            secret_string_template=json.dumps(fixed),
            generate_string_key=key,
            password_length=32,
            exclude_punctuation=True,
        ),
        removal_policy=RemovalPolicy.DESTROY,
    )
    acknowledge(
        secret,
        "AwsSolutions-SMG4",
        "Used by a server that reads it at its start, for the days of a migration: rotating would stop the site.",
    )
    return secret


def build_secret_arn(secret: secretsmanager.ISecret) -> str:
    """Return the ARN by which a policy names the secret.

    An imported secret has no complete ARN: Secrets Manager appends a hyphen and six characters to the name
    (https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html).
    """
    return secret.secret_full_arn or f"{secret.secret_arn}-??????"
