"""The installer in S3, and its SHA-512 in the bucket of hashes: the same buckets and keys as AWS has in each region."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from rehearsal.aws.clients import Clients
from rehearsal.settings import REGION

INSTALLER = Path(__file__).with_name("agent") / "aws_replication_installer_init.py"
KEY = "latest/linux/aws-replication-installer-init"
BUCKET = f"aws-application-migration-service-{REGION}"
HASHES = f"aws-application-migration-service-hashes-{REGION}"


class Downloads:
    """Puts the files into buckets that everybody can read."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def publish(self) -> None:
        """Make the buckets and objects. It may be repeated."""
        content = INSTALLER.read_bytes()
        self._put(BUCKET, KEY, content)
        self._put(HASHES, f"{KEY}.sha512", hashlib.sha512(content).hexdigest().encode())

    def _put(self, bucket: str, key: str, content: bytes) -> None:
        s3 = self._clients("s3")
        s3.create_bucket(Bucket=bucket)
        s3.delete_public_access_block(Bucket=bucket)
        read = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [read]}))
        s3.put_object(Bucket=bucket, Key=key, Body=content)
