"""The functions find the client of the provider that their environment names."""

from __future__ import annotations

import json
from typing import Any

import pytest
from common.clients.cloudendure import CloudEndure
from common.clients.provider import ReplicationSettings
from common.clients.providers import create_provider
from common.clock import SystemClock
from common.errors import ConfigurationError
from common.settings import Settings
from custom_resource.event import Request
from custom_resource.resources.provider_settings import ProviderSettingsResource

from tests.unit.providers.fake import FakeClient


def settings(kind: str, own: dict[str, Any]) -> Settings:
    return Settings.from_environment(
        {
            "CUTOVER_SITE": "gogs",
            "CUTOVER_APPLICATION": "gogs",
            "CUTOVER_RUNS_TABLE": "runs",
            "CUTOVER_EVIDENCE_BUCKET": "evidence",
            "CUTOVER_PROVIDER": kind,
            "CUTOVER_PROVIDER_SETTINGS": json.dumps(own),
            "CUTOVER_SOURCE_SERVER": "gogs",
        }
    )


CONSOLE = {"console_url": "http://127.0.0.1:1", "project": "Demo", "credentials_secret": "console"}


class Services:
    """boto3 clients by name; remembers which were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, name: str) -> str:
        self.asked.append(name)
        return name


def test_cached_clients_are_keyed_by_their_settings() -> None:
    assert len({settings("cloudendure", CONSOLE), settings("cloudendure", CONSOLE)}) == 1


def test_the_environment_chooses_the_client(released: None) -> None:  # noqa: ARG001 (a fixture for its effect)
    services = Services()
    first = create_provider(settings("cloudendure", CONSOLE), SystemClock(), services)
    second = create_provider(settings("fake", {"staging_tag": "cutover"}), SystemClock(), services)

    assert isinstance(first, CloudEndure)
    assert isinstance(second, FakeClient)
    assert (second.staging_tag, second.service) == ("cutover", "fake")
    assert services.asked == ["secretsmanager", "fake"]


def test_an_unsupported_provider_is_rejected_with_advice() -> None:
    with pytest.raises(ConfigurationError, match="unknown provider 'fake'") as caught:
        create_provider(settings("fake", {}), SystemClock(), Services())
    assert "migration.toml to one of: cloudendure" in caught.value.next_action


@pytest.mark.parametrize(
    ("change", "named"),
    [({"project": ""}, "project"), ({"staging_tag": "x"}, "staging_tag"), ({"console_url": None}, "console_url")],
)
def test_settings_of_another_provider_are_rejected_by_key(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=f'for CloudEndure: {named}",'):
        create_provider(settings("cloudendure", {**CONSOLE, **change}), SystemClock(), Services())


def test_replication_settings_are_passed_to_every_provider(released: None) -> None:  # noqa: ARG001
    provider = create_provider(settings("fake", {"staging_tag": "cutover"}), SystemClock(), Services())
    wanted = {"subnet_id": "subnet-1", "security_group_ids": ["sg-1"], "use_private_ip": True}
    request = Request(
        kind="Create",
        resource_type="Custom::ProviderSettings",
        properties={"Configuration": json.dumps(wanted)},
        physical_id="",
        identity="x",
    )

    ProviderSettingsResource(provider=provider).start(request)

    assert isinstance(provider, FakeClient)
    assert provider.acts == ["initialize", "configure replication"]
    assert provider.settings == ReplicationSettings(
        subnet_id="subnet-1", security_group_ids=("sg-1",), use_private_ip=True
    )
