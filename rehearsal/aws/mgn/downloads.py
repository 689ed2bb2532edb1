"""The installer in S3, and its SHA-512 in the bucket of hashes: the same buckets and keys as AWS has in each region."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.errors import RehearsalError
from rehearsal.replication_engine.installers import build_installer
from rehearsal.settings import REGION

if TYPE_CHECKING:
    from rehearsal.aws.registry import Registry

INSTALLER = Path(__file__).with_name("agent") / "aws_replication_installer_init.py"
KEY = "latest/linux/aws-replication-installer-init"
BUCKET = f"aws-application-migration-service-{REGION}"
HASHES = f"aws-application-migration-service-hashes-{REGION}"
HOSTS = tuple(f"{bucket}.s3.{REGION}.amazonaws.com" for bucket in (BUCKET, HASHES))
"""names of the buckets for a client that has no endpoint of the local AWS"""


def publish_installer(registry: Registry) -> None:
    """Make the buckets, which everybody can read, with their objects. The API need not be served yet. Raises RehearsalError."""
    send = registry.get_function("s3", "_dispatch")
    content = build_installer(INSTALLER).encode()
    digest = hashlib.sha512(content).hexdigest().encode()
    for bucket, key, body in ((BUCKET, KEY, content), (HASHES, f"{KEY}.sha512", digest)):
        read = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [read]}).encode()
        for method, name, sent, query in (
            ("PUT", "", b"", {}),
            ("DELETE", "", b"", {"publicAccessBlock": [""]}),
            ("PUT", "", policy, {"policy": [""]}),
            ("PUT", key, body, {}),
        ):
            status, _, answer = send(method, bucket, name, {}, sent, query)
            if status >= 300:
                raise RehearsalError(f"S3 of the local AWS refused {method} {bucket}/{name} {list(query)}: {answer!r}")
