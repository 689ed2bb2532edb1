"""A boto3 client of the rehearsal's Route 53 without a server: the emulator's handler in this process handles each request."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.awsrequest import AWSResponse
from ministack import app  # type: ignore[import-untyped]

from rehearsal.aws import record_rules
from rehearsal.aws.registry import Registry


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


@contextmanager
def local_route53() -> Iterator[Any]:
    emulator: Any = app._get_module("route53")
    emulated = emulator._change_resource_record_sets
    record_rules.install(Registry())
    client = boto3.client("route53", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    events: Any = client.meta.events
    events.register("before-send.route53", _handle)
    try:
        yield client
    finally:
        emulator._change_resource_record_sets = emulated
        emulator.reset()


def _handle(request: Any, **_: Any) -> AWSResponse:
    url = urlsplit(request.url)
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    headers = {key: str(value) for key, value in request.headers.items()}
    handler: Any = app._get_module("route53").handle_request
    status, response_headers, content = asyncio.run(
        handler(request.method, url.path, headers, body, parse_qs(url.query))
    )
    raw = content.encode() if isinstance(content, str) else content
    return AWSResponse(request.url, status, response_headers, _Raw(raw))
