"""The local AWS as its own client: resource types are made through the same API as everybody uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from rehearsal.aws.exceptions import ApiError
from rehearsal.settings import REGION, Settings


class Clients:
    """boto3 clients of this world, made once each. For worker threads only: a call from the event loop would wait for itself."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.aws_url
        self._made: dict[str, Any] = {}

    def __call__(self, service: str) -> Any:
        """Return a client of a service."""
        if service not in self._made:
            self._made[service] = boto3.client(
                service,  # type: ignore[call-overload]  # its stubs know literals only
                endpoint_url=self._url,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(retries={"total_max_attempts": 1}, read_timeout=600),
            )
        return self._made[service]


@contextmanager
def ignore_missing(*codes: str) -> Iterator[None]:
    """Ignore these error codes, because the deletion of a missing resource is no failure."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in codes:
            raise
    except ApiError as error:
        if error.code not in codes:
            raise
