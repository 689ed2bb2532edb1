"""Fixtures of tests that use a running Gogs: the stand-in, or the release that GOGS_ARCHIVE names.

A `conftest.py` imports the fixtures that it needs.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rehearsal.gogs.build import NAME, build
from tests.gogs_standin.served.database import MariaDb
from tests.gogs_standin.served.servers import Gogs, running
from tests.rehearsal.ports import find_free_port

_numbers = itertools.count()


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """Create a folder that the user git can enter. The temporary folders of pytest are closed to other users."""
    folder = Path(tempfile.mkdtemp(prefix="gogs-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def archive(place: Path) -> Path:
    """Return the release that GOGS_ARCHIVE names, or the stand-in."""
    if release := os.environ.get("GOGS_ARCHIVE"):
        return Path(release)
    build(place / NAME)
    return place / NAME


@pytest.fixture(scope="session")
def database(place: Path) -> Iterator[MariaDb]:
    server = MariaDb(folder=place / "mariadb", port=find_free_port())
    server.folder.mkdir()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def make(place: Path, archive: Path, database: MariaDb) -> Callable[..., Gogs]:
    """Return a function that installs an instance. Without `beside` it has an empty schema and no repositories."""

    def made(
        *, server: MariaDb = database, beside: Gogs | None = None, archive: Path = archive, **options: object
    ) -> Gogs:
        number = next(_numbers)
        schema = beside.schema if beside else f"gogs{number}"
        if not beside:
            server.run(f"CREATE DATABASE {schema} CHARACTER SET utf8mb4")
        repositories = beside.repositories if beside else place / f"repositories{number}"
        gogs = Gogs(place / f"instance{number}", server, schema, repositories, **options)  # type: ignore[arg-type]
        gogs.install(archive)
        return gogs

    return made


@pytest.fixture
def gogs(make: Callable[..., Gogs]) -> Iterator[Gogs]:
    """Start an instance with its administrator."""
    with running(make()) as instance:
        instance.create_admin()
        yield instance
