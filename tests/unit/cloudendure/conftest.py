"""A console in its own folder, with a fake cloud and fake source disks. The protocol is the real one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rehearsal.cloudendure.app import create_app
from rehearsal.cloudendure.config import ConsoleSettings
from rehearsal.cloudendure.console import Console
from rehearsal.cloudendure.server import ConsoleServer
from tests.unit.cloudendure.fakes import Client, FakeCloud, NoDisk


@pytest.fixture
def settings(tmp_path: Path) -> ConsoleSettings:
    loaded = ConsoleSettings.load({"REHEARSAL_HOME": str(tmp_path), "REHEARSAL_PORT": "4660"})
    return replace(loaded, sync_interval=30.0, failed_logins=3)


@pytest.fixture
def cloud() -> FakeCloud:
    return FakeCloud()


@pytest.fixture
def console(settings: ConsoleSettings, cloud: FakeCloud) -> Iterator[Console]:
    made = Console(settings, cloud, lambda _instance: NoDisk())
    made.start()
    yield made
    made.end()


@pytest.fixture
def credentials(console: Console) -> dict[str, Any]:
    return dict(json.loads((console.settings.folder / "credentials.json").read_text()))


@pytest.fixture
def client(console: Console, credentials: dict[str, Any]) -> Client:
    """A logged-in client of the current API version."""
    made = Client(create_app(console).test_client(), credentials)
    made.login()
    return made


@pytest.fixture
def url(console: Console) -> Iterator[str]:
    server = ConsoleServer(0, create_app(console))
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.stop()
    thread.join()
