"""Call functions of the site's owner."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ReadTimeoutError

from common.clients.aws import translate_aws_errors
from common.errors import RetryableServiceError


class LambdaClient(Protocol):
    """The part of Lambda's client that is needed here."""

    def invoke(
        self,
        *,
        FunctionName: str,  # noqa: N803 (boto3's names)
        InvocationType: str,  # noqa: N803
        Payload: bytes,  # noqa: N803
    ) -> Mapping[str, Any]: ...


@dataclass(frozen=True, kw_only=True)
class FunctionResponse:
    """`error` is empty unless the function raised one; `payload` then describes it."""

    payload: str
    error: str = ""


class Functions:
    """`create_client(seconds)` returns a client that waits so long for a response, and sends each request once."""

    def __init__(self, create_client: Callable[[int], LambdaClient]) -> None:
        self._create_client = create_client

    def invoke(self, arn: str, payload: Mapping[str, Any], *, seconds: int) -> FunctionResponse | None:
        """Call the function and wait for its response; None when there is none in time. It may run on then."""
        try:
            with translate_aws_errors("lambda:InvokeFunction"):
                response = self._create_client(seconds).invoke(
                    FunctionName=arn, InvocationType="RequestResponse", Payload=json.dumps(payload).encode()
                )
                body = response["Payload"].read()
        except RetryableServiceError as failed:
            if isinstance(failed.__cause__, ReadTimeoutError):
                return None
            raise
        return FunctionResponse(payload=body.decode(errors="replace"), error=response.get("FunctionError", ""))
