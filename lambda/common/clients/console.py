"""Read the console output of a machine from EC2, which has it also when the machine no longer responds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.errors import StepFailed

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

LATEST_NOT_SUPPORTED = "UnsupportedOperation"
"""of instances that are not built on Nitro"""
REMOVED = "[removed]"
SECRETS = (
    (re.compile(r"\A(?:(?!-----BEGIN ).)*?-----END [A-Z0-9 ]{1,40}-----", re.DOTALL), REMOVED),
    (
        re.compile(
            r"-----BEGIN [A-Z0-9 ]{1,40}-----(?:(?!-----BEGIN ).)*?(?:-----END [A-Z0-9 ]{1,40}-----|\Z)", re.DOTALL
        ),
        REMOVED,
    ),
    (
        re.compile(r"(?im)\b((?:proxy-)?authorization|(?:set-)?cookie)(\"?\s{0,5}[:=]\s{0,5})[^\r\n]*"),
        rf"\1\2{REMOVED}",
    ),
    (re.compile(r"\b([a-zA-Z][a-zA-Z0-9+.-]{0,20}://)[^\s/@\"'<>]{1,500}@"), rf"\1{REMOVED}@"),
    (
        re.compile(
            r"(?i)\b([\w-]{0,30}(?:passw(?:or)?d|passphrase|secret|token|key))(\"?\s{0,5}[:=]\s{0,5})(\"[^\"\n]*\"|[^\s&,;]+)"
        ),
        rf"\1\2{REMOVED}",
    ),
)
"""The kernel and cloud-init write to the console, the site does not. Text that looks like a secret is removed anyway."""


class Consoles:
    """The consoles of EC2 instances."""

    def __init__(self, ec2: EC2Client) -> None:
        self._ec2 = ec2

    def read(self, instance_id: str) -> str:
        """Return the console output (64 KB at most) without anything that looks like a secret. Raises StepFailed, RetryableServiceError."""
        try:
            return self._read(instance_id, latest=True)
        except StepFailed as failed:
            if isinstance(failed.__cause__, ClientError) and get_error_code(failed.__cause__) == LATEST_NOT_SUPPORTED:
                return self._read(instance_id, latest=False)
            raise

    def _read(self, instance_id: str, *, latest: bool) -> str:
        with translate_aws_errors("ec2:GetConsoleOutput", machine=instance_id):
            response = self._ec2.get_console_output(InstanceId=instance_id, Latest=latest)
        text = response.get("Output") or ""  # botocore has decoded it (botocore.handlers.decode_console_output)
        for pattern, replacement in SECRETS:
            text = pattern.sub(replacement, text)
        return text
