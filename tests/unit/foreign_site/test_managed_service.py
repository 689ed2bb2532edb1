"""The managed database of the shape `managed`: it needs MySQL, and has an authority of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rehearsal.errors import RehearsalError
from rehearsal.foreign_site import managed_service
from rehearsal.settings import Settings
from rehearsal.world.authority import Authority


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({"REHEARSAL_HOME": str(tmp_path / "home"), "REHEARSAL_CACHE": str(tmp_path / "cache")})


def test_a_world_without_mysql_is_refused(settings: Settings) -> None:
    settings.state.mkdir(parents=True)
    chosen = {"product": "mariadb", "name": "MariaDB", "why": "REHEARSAL_DATABASE names it", "disk": "/disk"}
    (settings.state / "database.json").write_text(json.dumps(chosen))
    with pytest.raises(RehearsalError, match=r"needs MySQL.* This world has none: REHEARSAL_DATABASE names it"):
        managed_service.launch(settings)


def test_its_authority_is_another_one_than_that_of_the_images_and_stays(settings: Settings) -> None:
    first = managed_service.read_authority(settings)
    assert managed_service.read_authority(settings) == first
    assert Authority(settings.cache).certificate.decode() != first
