"""One world with only the local AWS. The tests move the second application's site in it step by step."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from applications.profile import Profile

from rehearsal.cleanup import list_leftovers
from rehearsal.component import Component
from rehearsal.components import list_components
from rehearsal.settings import Settings
from rehearsal.supervise import start_world, stop_world
from tests.rehearsal.ports import find_free_ports
from tests.rehearsal.second_application.cloud import Cloud
from tests.rehearsal.second_application.image import prepare_image, replace_stock_image
from tests.rehearsal.second_application.provisioning import provision_machines
from tests.second_application import second_application


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Start a world with only the local AWS, and remove it afterwards."""
    settings = Settings.load(
        {
            **{key: value for key, value in os.environ.items() if key in ("REHEARSAL_CACHE", "REHEARSAL_DATABASE")},
            "REHEARSAL_PORT": str(find_free_ports()),
            "REHEARSAL_HOME": str(tmp_path_factory.mktemp("second")),
        }
    )

    def list_only_aws(of: Settings) -> list[Component]:
        return [component for component in list_components(of) if component.name == "aws"]

    ours = prepare_image(settings)
    try:
        start_world(settings, print, list_only_aws)
        replace_stock_image(settings, ours)
        yield settings
    finally:
        stop_world(settings, print, list_only_aws)
    assert list_leftovers(settings) == []


@pytest.fixture(scope="module")
def profile() -> Iterator[Profile]:
    with second_application() as found:
        yield found


@pytest.fixture(scope="module")
def cloud(settings: Settings, profile: Profile) -> Cloud:
    """Create a source that serves and whose worker writes, and a target with its database and its shared files."""
    cloud = Cloud(settings, profile)
    cloud.boot(cloud.source, cloud.source_database)
    with ThreadPoolExecutor(2) as pool:
        made = [
            # The application needs its database at its start.
            pool.submit(
                provision_machines, cloud, {cloud.source_database: "database.yml", cloud.source: profile.playbook}
            ),
            pool.submit(cloud.make_target),
        ]
    for one in made:
        one.result()
    return cloud


@pytest.fixture(scope="module")
def here() -> Path:
    return Path(__file__).parent
