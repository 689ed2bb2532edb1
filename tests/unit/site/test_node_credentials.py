"""The credentials of a hybrid node: where its SSM Agent writes them, when they are read again, and what is reported without them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cutover_site.aws.node_credentials import (
    DEFAULT_FILE,
    RUNTIME_CONFIGURATION,
    NodeCredentials,
    NodeCredentialsUnusable,
    read_node_credentials,
)
from cutover_site.aws.session import Aws
from cutover_site.errors import NotConfigured
from cutover_site.node import Node

HYBRID, INSTANCE = Node("mi-0a1b2c3d4e5f60718", is_named=True), Node("i-0a1b2c3d4e5f60718", is_named=False)
NOW = 1_800_000_000.0


def write_file(root: Path, key: str, *, path: str = DEFAULT_FILE, profile: str = "default") -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        f"[other]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = x\n\n[{profile}]\naws_access_key_id     = {key}\n"
        "aws_secret_access_key = s/e+c%(x)s=\naws_session_token     = token\n"
    )


def write_state(root: Path, **values: str) -> None:
    """Write what the agent writes (`IdentityRuntimeConfig`), with its zero time."""
    path = root / RUNTIME_CONFIGURATION
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {"InstanceId": HYBRID.id, "IdentityType": "OnPrem", "ShareFile": "/root/.aws/credentials", "ShareProfile": "",
             "CredentialsExpiresAt": "0001-01-01T00:00:00Z", "CredentialsRetrievedAt": "0001-01-01T00:00:00Z"}  # fmt: skip
    path.write_text(json.dumps({**state, **values}))


def test_the_credentials_are_those_of_the_agents_profile(tmp_path: Path) -> None:
    write_file(tmp_path, "AKIDONE")
    found = read_node_credentials(tmp_path, HYBRID.id, NOW)
    assert (found.access_key, found.secret_key, found.token) == ("AKIDONE", "s/e+c%(x)s=", "token")


def test_the_agent_names_another_file_and_profile(tmp_path: Path) -> None:
    write_file(tmp_path, "AKIDSHARED", path="var/lib/agent/credentials", profile="ssm")
    write_state(tmp_path, ShareFile="/var/lib/agent/credentials", ShareProfile="ssm")
    assert read_node_credentials(tmp_path, HYBRID.id, NOW).access_key == "AKIDSHARED"


@pytest.mark.parametrize("state", [{}, {"CredentialsExpiresAt": "2027-01-15T08:00:01.123456789Z"}])
def test_credentials_are_read_again_for_each_request(
    tmp_path: Path, state: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A prefork worker lives for two hours, the credentials for one."""
    monkeypatch.setattr("time.time", lambda: NOW)
    write_file(tmp_path, "AKIDONE")
    write_state(tmp_path, **state)
    credentials = NodeCredentials(tmp_path, HYBRID.id)
    assert credentials.get_frozen_credentials().access_key == "AKIDONE"
    write_file(tmp_path, "AKIDTWO")
    assert credentials.get_frozen_credentials().access_key == "AKIDTWO"
    (tmp_path / DEFAULT_FILE).unlink()
    with pytest.raises(NodeCredentialsUnusable, match="has no credentials"):
        credentials.get_frozen_credentials()


@pytest.mark.parametrize(
    ("text", "state", "problem"),
    [
        (None, {}, rf"{HYBRID.id} has no credentials in /root/.aws/credentials \(profile default\).*restart amazon-ssm-agent"),
        ("[default]\naws_access_key_id = A\n", {}, "has no credentials"),
        ("no ini file", {}, "has no credentials"),
        ("", {"CredentialsExpiresAt": "2027-01-15T08:00:00Z"}, "expired at 2027-01-15 08:00:00 UTC.*restart amazon-ssm-agent"),
        ("", {"InstanceId": "mi-0ffffffffffffffff"}, f"registered as mi-0ffffffffffffffff, and site.json names {HYBRID.id}: adopt"),
    ],
)  # fmt: skip
def test_unusable_credentials_are_one_sentence_with_the_node_and_what_to_do(
    tmp_path: Path, text: str | None, state: dict[str, str], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is not None:
        write_file(tmp_path, "AKIDONE")
    if text:
        (tmp_path / DEFAULT_FILE).write_text(text)
    write_state(tmp_path, **state)
    with pytest.raises(NodeCredentialsUnusable, match=problem) as raised:
        read_node_credentials(tmp_path, HYBRID.id, NOW)
    assert "s/e+c" not in str(raised.value)
    monkeypatch.setattr("time.time", lambda: NOW)
    with pytest.raises(NotConfigured, match=problem):
        Aws(site="s", region="eu-west-1", node=HYBRID, root=tmp_path).read_parameter("replication")


def get_key(aws: Aws) -> str | None:
    """Return the access key with which the session signs."""
    session: Any = aws._session
    found = session.get_credentials()
    return found.get_frozen_credentials().access_key if found else None


def test_a_hybrid_node_uses_its_own_credentials_before_any_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    write_file(tmp_path, "AKIDNODE")
    assert get_key(Aws(site="s", region="eu-west-1", node=HYBRID, root=tmp_path)) == "AKIDNODE"


def test_a_replica_does_not_use_the_credentials_on_the_disk_of_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_file(tmp_path, "AKIDSOURCE")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.fspath(tmp_path / DEFAULT_FILE))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    assert get_key(Aws(site="s", region="eu-west-1")) == "AKIDSOURCE"  # else this test proves nothing
    assert get_key(Aws(site="s", region="eu-west-1", node=INSTANCE, root=tmp_path)) is None


@pytest.mark.parametrize(("node", "named"), [(HYBRID, True), (INSTANCE, False)])
def test_credentials_that_aws_rejects_name_the_node(
    tmp_path: Path, node: Node, named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def get_parameter(self, **_: str) -> None:
            raise ClientError({"Error": {"Code": "UnrecognizedClientException", "Message": "no"}}, "GetParameter")

    write_file(tmp_path, "AKIDNODE")
    monkeypatch.setattr(boto3.session.Session, "client", lambda *_, **__: Refusing())
    with pytest.raises(NotConfigured) as raised:
        Aws(site="s", region="eu-west-1", node=node, root=tmp_path).read_parameter("replication")
    assert (f"AWS rejects the credentials of {node.id}" in raised.value.reason) is named
    assert ("register it again" in raised.value.next_action) is named
