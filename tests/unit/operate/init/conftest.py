"""The fixtures of `cutover init`."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from operate.init import account as account_module
from tests.unit.operate.init.dialogs import create_client


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "site.toml"


@pytest.fixture(autouse=True)
def _fake_account(monkeypatch: pytest.MonkeyPatch) -> None:
    import boto3

    session = SimpleNamespace(
        region_name="us-east-1", client=lambda service, **_: create_client(service), get_credentials=lambda: None
    )
    monkeypatch.setattr(boto3.session, "Session", lambda **_: session)
    monkeypatch.setattr(account_module, "list_source_servers", lambda _kind, _clients: ["git-server"])
