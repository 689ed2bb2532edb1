"""One world for the tests of this folder, with real disks, namespaces and machines and a provider of the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.cleanup import discard, list_leftovers, remove_all
from rehearsal.settings import Settings
from rehearsal.world import World
from tests.rehearsal.ports import find_free_ports
from tests.rehearsal.world.lab import FakeAws, Lab


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Create a world, and remove everything of it afterwards."""
    settings = Settings.load(
        {
            **{key: value for key, value in os.environ.items() if key == "REHEARSAL_CACHE"},
            "REHEARSAL_PORT": str(find_free_ports()),
            "REHEARSAL_HOME": str(tmp_path_factory.mktemp("world")),
        }
    )
    yield settings
    assert list_leftovers(settings) == []


@pytest.fixture(scope="session")
def lab(settings: Settings) -> Iterator[Lab]:
    aws = FakeAws()
    try:
        with World(settings, aws) as world:
            yield Lab(world, aws)
        assert list_leftovers(settings) == []
    finally:
        remove_all(settings)
        discard(settings, logs=True)


@pytest.fixture(scope="session")
def machine(lab: Lab) -> str:
    """Boot a machine that every test may use and no test may stop."""
    script = b"#!/bin/bash\necho out-$AWS_ENDPOINT_URL\necho err >&2\necho ran >>/root/user-data\nexit 3\n"
    lab.launch("i-shared", "10.0.9.5", role="shared", user_data=script)
    return "i-shared"


@pytest.fixture
def scratch(lab: Lab) -> Path:
    """Create a folder on the pool."""
    folder = lab.world.settings.pool / "scratch"
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    return folder
