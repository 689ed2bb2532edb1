from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The machine side is no package of this project: on a machine it lies in /opt/cutover/lib.
sys.path.insert(0, str(Path(__file__).parents[3] / "assets/site"))

from tests.rehearsal.site.products import PAIRS, PRODUCTS
from tests.rehearsal.site.server import DatabaseServer


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, DatabaseServer]]:
    """One server of each product, for the whole session."""
    made: dict[str, DatabaseServer] = {}
    try:
        for name in PRODUCTS:
            made[name] = DatabaseServer(tmp_path_factory.mktemp(name), name)
        yield made
    finally:
        for one in made.values():
            one.close()


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """A second server of the product that RDS is, so that a source of the same product is another server."""
    made = DatabaseServer(tmp_path_factory.mktemp("target"), PRODUCTS[-1])
    yield made
    made.close()


@pytest.fixture(params=PRODUCTS)
def server(request: pytest.FixtureRequest, servers: dict[str, DatabaseServer]) -> DatabaseServer:
    return servers[request.param]


@pytest.fixture(params=PAIRS, ids="->".join)
def pair(
    request: pytest.FixtureRequest, servers: dict[str, DatabaseServer], target: DatabaseServer
) -> tuple[DatabaseServer, DatabaseServer]:
    """A source of each product, and the target."""
    return servers[request.param[0]], target
