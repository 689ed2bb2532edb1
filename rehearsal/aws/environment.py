"""Set what ministack reads from its environment, once, when it is imported."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from rehearsal.settings import ACCOUNT, REGION, Settings

_ROOT = Path(__file__).resolve().parents[2]


def apply(settings: Settings) -> None:
    """Set the variables in this process. Call it before ministack is imported."""
    locate_scratch(settings).mkdir(parents=True, exist_ok=True)
    os.environ.update(get_variables(settings))
    tempfile.tempdir = None  # or the folder that was the default before would stay it


def locate_scratch(settings: Settings) -> Path:
    """Return the folder for what ministack unpacks."""
    return settings.state / "ministack"


def get_variables(settings: Settings) -> dict[str, str]:
    """Return the variables: bound to 127.0.0.1, without the listeners on other ports that ministack opens by itself, nothing kept on disk; IAM in force.

    What it unpacks (code of functions) lies in the world's own folder, which must exist, and goes with it.
    """
    own = str(locate_scratch(settings))
    return {
        "GATEWAY_PORT": str(settings.aws_port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "0",
        "TMPDIR": own,
        "STATE_DIR": own,
        "AUTH": "true",
        "DOCKER_HOST": "unix:///nonexistent/docker.sock",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
        # What Lambda functions inherit: the local AWS, and the AWS SDK that Node functions of the CDK expect.
        "AWS_ENDPOINT_URL": settings.aws_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "NODE_PATH": str(_ROOT / "node_modules"),
        # Empty as good as not set: functions of one package share its folder, and the first one compiles it for the others.
        "PYTHONDONTWRITEBYTECODE": "",
    }
