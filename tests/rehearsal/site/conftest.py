from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.rehearsal.database_servers.products import PAIRS, PRODUCTS, RDS
from tests.rehearsal.database_servers.server import SOURCE_OPTIONS, DatabaseServer, running
from tests.rehearsal.site.front import Front
from tests.rehearsal.site.upstream import Upstream

OPTIONS = (*SOURCE_OPTIONS, "--max-allowed-packet=16M")


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """Start the application behind a front."""
    made = Upstream()
    yield made
    made.close()


@pytest.fixture
def front(tmp_path: Path, upstream: Upstream) -> Iterator[Front]:
    """Start a front that knows no target."""
    with Front(tmp_path, upstream) as made:
        yield made


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, DatabaseServer]]:
    """Start one server of each product for the whole session."""
    with ExitStack() as opened:
        yield {
            name: opened.enter_context(running(name, tmp_path_factory.mktemp(name), *OPTIONS, tls=True))
            for name in PRODUCTS
        }


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """Start a second server of the product that RDS uses, for pairs in which source and target have the same
    product.
    """
    with running(RDS, tmp_path_factory.mktemp("target"), *OPTIONS, tls=True) as server:
        yield server


@pytest.fixture(params=PRODUCTS)
def server(request: pytest.FixtureRequest, servers: dict[str, DatabaseServer]) -> DatabaseServer:
    return servers[request.param]


@pytest.fixture(params=PAIRS, ids="->".join)
def pair(
    request: pytest.FixtureRequest, servers: dict[str, DatabaseServer], target: DatabaseServer
) -> tuple[DatabaseServer, DatabaseServer]:
    """Return a source of each product, and the target."""
    return servers[request.param[0]], target
