"""The provider is initialized and gets its settings."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from common.clients.provider import ReplicationSettings
from common.errors import ConfigurationError
from custom_resource import handler
from custom_resource.event import Request
from custom_resource.resources.provider_settings import ProviderInitializationResource, ProviderSettingsResource

from tests.unit.custom_resource.preparation import request


def test_provider_settings_are_sent_with_their_types() -> None:
    sent: list[Any] = []

    class Console:
        def initialize(self, defaults: Any) -> Any:
            sent.append(("initialize", defaults))

        def configure_replication(self, wanted: Any) -> Any:
            sent.append(wanted)
            return wanted

    resource = ProviderSettingsResource(provider=Console())  # type: ignore[arg-type]
    given = {"subnet_id": "subnet-1", "security_group_ids": ["sg-1"], "use_private_ip": True}
    resource.start(request("Create", {"Configuration": json.dumps(given)}))
    resource.start(request("Delete", {"Configuration": "{}"}))

    wanted = ReplicationSettings(subnet_id="subnet-1", security_group_ids=("sg-1",), use_private_ip=True)
    assert sent == [("initialize", wanted), wanted]


def test_the_provider_is_prepared_before_the_first_agent_and_stays_so(request_of_source: Request) -> None:
    sent: list[Any] = []

    class Service:
        def initialize(self, defaults: Any) -> Any:
            sent.append(defaults)

    resource = ProviderInitializationResource(provider=Service())  # type: ignore[arg-type]
    started = resource.start(request_of_source)
    assert started.physical_id == "provider-initialization"
    resource.start(replace(request_of_source, kind="Delete", physical_id=started.physical_id))

    assert sent == [ReplicationSettings(subnet_id="subnet-1", security_group_ids=(), use_private_ip=True)]


@pytest.fixture
def request_of_source() -> Request:
    given = {"subnet_id": "subnet-1", "security_group_ids": [], "use_private_ip": True}
    return request("Create", {"Configuration": json.dumps(given)})


def test_the_function_of_the_source_needs_no_run_record(
    monkeypatch: pytest.MonkeyPatch, request_of_source: Request
) -> None:
    """Given the environment of SourceStack's function; when CloudFormation creates the resource; then the client of the provider is made."""
    own = {"replication_server_instance_type": "t3.small", "ebs_encryption_key_arn": "", "bandwidth_throttling_mbps": 0,
           "boot_mode": "USE_SOURCE"}  # fmt: skip
    variables = {
        "CUTOVER_PROVIDER": "mgn",
        "CUTOVER_SOURCE_SERVER": "gogs",
        "CUTOVER_PROVIDER_SETTINGS": json.dumps(own),
    }
    for name in ("CUTOVER_SITE", "CUTOVER_RUNS_TABLE", "CUTOVER_EVIDENCE_BUCKET"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**variables, "AWS_DEFAULT_REGION": "eu-west-1"}.items():
        monkeypatch.setenv(name, value)

    resource = handler.create_resource.__wrapped__("Custom::ProviderInitialization")

    assert isinstance(resource, ProviderInitializationResource)
    assert resource.provider.operator_tool == "the MGN console"
    assert resource.check_progress(request_of_source).complete


@pytest.mark.parametrize(
    ("configuration", "message"),
    [("{", "is not JSON"), ('{"subnet_id": "subnet-1"}', "must be a JSON object with the keys"), ("[]", "JSON object")],
)
def test_provider_settings_of_another_release_are_rejected_with_a_message(configuration: str, message: str) -> None:
    resource = ProviderSettingsResource(provider=object())  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=message):
        resource.start(request("Update", {"Configuration": configuration}))
