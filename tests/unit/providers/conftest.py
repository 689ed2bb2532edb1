"""migration.toml with the table of another provider, and a release that has that provider."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from common.clients import providers as clients
from providers import registry

from tests.unit.providers.fake import FakeClient, FakeProvider, TwoProviders
from tests.unit.providers.tables import write_configuration

TABLE = """
[provider]
kind = "fake"
source_server_name = "gogs"
staging_tag = "cutover"

"""
Load = Callable[..., TwoProviders]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Reads migration.toml with this text instead of its table [provider]."""

    def read(table: str = TABLE) -> TwoProviders:
        return TwoProviders.load(write_configuration(tmp_path, table))

    return read


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both registries know the fake provider."""
    monkeypatch.setitem(registry.PROVIDERS, "fake", FakeProvider)
    monkeypatch.setitem(clients.PROVIDERS, "fake", FakeClient.create)
