"""The rehearsal's AWS, as its user sees it: clients in the environment that `rehearsal env` exports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import boto3


class Aws:
    """Everything by boto3 over the local endpoint; nothing here looks into the rehearsal."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._session = boto3.Session(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_REGION"],
        )
        self._endpoint = environment["AWS_ENDPOINT_URL"]

    def make_client(self, service: str) -> Any:
        """Return a client of the local AWS."""
        return self._session.client(service, endpoint_url=self._endpoint)  # type: ignore[call-overload]

    def read_secret(self, name: str) -> dict[str, str]:
        """Return a JSON secret, decoded."""
        found: dict[str, str] = json.loads(
            self.make_client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
        )
        return found

    def read_parameter(self, name: str) -> dict[str, Any]:
        """Return a JSON parameter, decoded."""
        found: dict[str, Any] = json.loads(self.make_client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
        return found

    def read_records(self, bucket: str) -> list[dict[str, Any]]:
        """Return every step record of the procedure's evidence, in the order of their keys. The logs of machines beside them are text."""
        s3 = self.make_client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="runs/")
        objects = (one["Key"] for page in pages for one in page.get("Contents", []))
        keys = sorted(key for key in objects if key.endswith(".json"))
        return [{"key": key, **json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())} for key in keys]
