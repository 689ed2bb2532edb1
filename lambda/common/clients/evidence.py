"""Write and read the evidence of a run in S3.

These are the facts of each step as `runs/<run_id>/<nn>-<step>.json`, the logs of failed machines as `runs/<run_id>/logs-<instance>.txt`, and
the outputs of the run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from common.clients.aws import get_error_code, translate_aws_errors
from common.errors import StepFailed

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

OUTPUTS = "outputs"


class Evidence:
    """The evidence of one run."""

    def __init__(self, s3: S3Client, bucket: str, run_id: str) -> None:
        self._s3, self._bucket, self._prefix = s3, bucket, f"runs/{run_id}"

    def write(self, name: str, facts: Mapping[str, Any]) -> str:
        """Write facts as JSON, over those of an earlier try of the same step. `name` has no ending. Return the key."""
        key = f"{self._prefix}/{name}.json"
        body = json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode()
        with translate_aws_errors("s3:PutObject"):
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")
        return key

    def write_text(self, name: str, text: str) -> str:
        """Write a text. `name` has no ending. Return the key."""
        key = f"{self._prefix}/{name}.txt"
        with translate_aws_errors("s3:PutObject"):
            self._s3.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=text.encode(errors="replace"),
                ContentType="text/plain; charset=utf-8",
            )
        return key

    def read(self, name: str) -> dict[str, Any] | None:
        """Return the facts, None when they were not written."""
        try:
            with translate_aws_errors("s3:GetObject"):
                body = self._s3.get_object(Bucket=self._bucket, Key=f"{self._prefix}/{name}.json")["Body"].read()
        except StepFailed as failed:
            if isinstance(failed.__cause__, ClientError) and get_error_code(failed.__cause__) in ("NoSuchKey", "404"):
                return None
            raise
        return dict(json.loads(body))
