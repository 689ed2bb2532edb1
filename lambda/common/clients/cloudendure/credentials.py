"""Secrets, read when needed and never kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from common.clients.aws import translate_aws_errors
from common.errors import ConfigurationError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def build_login_body(secrets: SecretsManagerClient, secret: str) -> dict[str, str]:
    """Read the secret, and return the login body of the console: `username` and `password`, or `userApiToken`. The error never quotes the secret."""
    with translate_aws_errors("secretsmanager:GetSecretValue"):
        text = secrets.get_secret_value(SecretId=secret)["SecretString"]
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    if isinstance(parsed, dict):
        if parsed.get("userApiToken"):
            return {"userApiToken": str(parsed["userApiToken"])}
        if parsed.get("username") and parsed.get("password"):
            return {"username": str(parsed["username"]), "password": str(parsed["password"])}
    raise ConfigurationError(
        f"secret {secret} must be a JSON object with username and password, or userApiToken",
        next_action="correct the secret",
    )
