from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The machine side is no package of this project: on a machine it lies in /opt/cutover/lib.
sys.path.insert(0, str(Path(__file__).parents[3] / "assets/site"))

from rehearsal.aws.rds.appliance import statements
from tests.rehearsal import products
from tests.rehearsal.database.path import MASTER
from tests.rehearsal.dms.servers import PASSWORD, DatabaseServer


@pytest.fixture(scope="module", params=products.SOURCES)
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    folder = tmp_path_factory.mktemp("path") / "source"
    with products.server(request.param, folder, 1, *products.SOURCE_OPTIONS) as server:
        yield server


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """MySQL with the master user that RDS makes."""
    with products.server("mysql", tmp_path_factory.mktemp("path") / "target", 2) as server:
        server.run(*filter(None, map(str.strip, statements("mysql", MASTER, PASSWORD, None).split(";\n"))))
        yield server
