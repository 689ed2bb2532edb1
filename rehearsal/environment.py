"""The environment in which the CDK CLI, boto3 and everything else on the host talk to one world."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rehearsal.settings import ACCOUNT, REGION, Settings

_ROOT = Path(__file__).resolve().parent.parent


def build_environment(settings: Settings) -> Mapping[str, str]:
    """Return the variables to add to the caller's environment. HOME is the world's: the CDK CLI caches account ids below it."""
    empty = str(settings.state / "empty")
    return {
        "REHEARSAL_PORT": str(settings.port),
        "REHEARSAL_HOME": str(settings.home),
        "REHEARSAL_CACHE": str(settings.cache),
        "REHEARSAL_PROVIDER": settings.provider,
        "AWS_ENDPOINT_URL": settings.aws_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": empty,
        "AWS_SHARED_CREDENTIALS_FILE": empty,
        "CDK_DEFAULT_ACCOUNT": ACCOUNT,
        "CDK_DEFAULT_REGION": REGION,
        "CDK_DISABLE_VERSION_CHECK": "1",
        "CDK_DISABLE_CLI_TELEMETRY": "1",
        "CDK_HOME": str(settings.state / "cdk"),
        "CI": "1",
        "CUTOVER_CONFIG": str(settings.home / "migration.toml"),
        "NODE_PATH": str(_ROOT / "node_modules"),
    }


def prepare(settings: Settings) -> None:
    """Make the files that the environment names."""
    (settings.state / "cdk").mkdir(parents=True, exist_ok=True)
    (settings.state / "empty").write_text("")
