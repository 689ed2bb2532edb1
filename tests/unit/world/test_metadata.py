"""The instance metadata service over HTTP, with the requests of an instance."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from rehearsal.world.metadata import MetadataServer, build_tree
from rehearsal.world.provider import Credentials, Identity
from rehearsal.world.relay import open_listener

IDENTITY = Identity(
    instance_id="i-1",
    image_id="ami-1",
    instance_type="t3.micro",
    private_ip="10.0.0.5",
    availability_zone="us-east-1a",
    region="us-east-1",
    account_id="000000000000",
    role="app",
    user_data=b"#!/bin/sh\n",
    tags={"Name": "gogs"},
)
CREDENTIALS = Credentials("AKIA", "secret", "token", datetime.datetime(2030, 1, 2, 3, 4, 5, tzinfo=datetime.UTC))


@pytest.fixture
def service() -> Iterator[tuple[str, list[Identity | None]]]:
    """The base URL, and a list with one identity that a test may replace."""
    identities: list[Identity | None] = [IDENTITY]
    socket = open_listener("127.0.0.1", 0)
    socket.setblocking(True)
    port = socket.getsockname()[1]
    server = MetadataServer(socket, lambda _: build_tree(identities[0], lambda: CREDENTIALS) if identities[0] else None)
    yield f"http://127.0.0.1:{port}", identities
    server.close()


def token(base: str, seconds: str = "60") -> requests.Response:
    headers = {"X-aws-ec2-metadata-token-ttl-seconds": seconds}
    return requests.put(f"{base}/latest/api/token", headers=headers, timeout=5)


def get(base: str, path: str) -> requests.Response:
    headers = {"X-aws-ec2-metadata-token": token(base).text}
    return requests.get(f"{base}/latest/{path}", headers=headers, timeout=5)


def test_a_request_without_a_token_is_rejected(service: tuple[str, list[Identity | None]]) -> None:
    assert requests.get(f"{service[0]}/latest/meta-data/instance-id", timeout=5).status_code == 401


@pytest.mark.parametrize("seconds", ["0", "21601", "soon"])
def test_a_token_lifetime_beyond_the_limits_is_rejected(
    service: tuple[str, list[Identity | None]], seconds: str
) -> None:
    assert token(service[0], seconds).status_code == 400


def test_a_forwarded_request_gets_no_token(service: tuple[str, list[Identity | None]]) -> None:
    headers = {"X-aws-ec2-metadata-token-ttl-seconds": "60", "X-Forwarded-For": "192.0.2.1"}
    assert requests.put(f"{service[0]}/latest/api/token", headers=headers, timeout=5).status_code == 403


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("meta-data/instance-id", "i-1"),
        ("meta-data/local-ipv4", "10.0.0.5"),
        ("meta-data/placement/region", "us-east-1"),
        ("meta-data/tags/instance/Name", "gogs"),
        ("meta-data/iam/security-credentials/", "app"),
        ("meta-data/placement/", "availability-zone\nregion"),
        ("user-data", "#!/bin/sh\n"),
    ],
)
def test_an_instance_reads_its_metadata(service: tuple[str, list[Identity | None]], path: str, text: str) -> None:
    assert get(service[0], path).text == text


def test_credentials_have_the_fields_that_sdks_read(service: tuple[str, list[Identity | None]]) -> None:
    found = json.loads(get(service[0], "meta-data/iam/security-credentials/app").text)
    assert found["Code"] == "Success"
    assert (found["AccessKeyId"], found["SecretAccessKey"], found["Token"]) == ("AKIA", "secret", "token")
    assert found["Expiration"] == "2030-01-02T03:04:05Z"


def test_missing_metadata_returns_404(service: tuple[str, list[Identity | None]]) -> None:
    base, identities = service
    identities[0] = replace(IDENTITY, user_data=None, role=None, tags={}, public_ip=None)
    for path in ("user-data", "meta-data/iam/security-credentials/", "meta-data/tags/", "meta-data/public-ipv4"):
        assert get(base, path).status_code == 404
    identities[0] = None
    assert get(base, "meta-data/instance-id").status_code == 404
