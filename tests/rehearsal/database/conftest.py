from __future__ import annotations

from collections.abc import Iterator

import pytest

from rehearsal.aws.rds.appliance import render_statements
from tests.rehearsal.database.path import MASTER
from tests.rehearsal.database_servers.products import MYSQL, PRODUCTS
from tests.rehearsal.database_servers.server import PASSWORD, SOURCE_OPTIONS, UNICODE_OPTIONS, DatabaseServer, running


@pytest.fixture(scope="module", params=PRODUCTS)
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    options = (*UNICODE_OPTIONS, *SOURCE_OPTIONS)
    with running(request.param, tmp_path_factory.mktemp("source"), *options, server_id=1) as server:
        yield server


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """Start a MySQL with the master user that RDS creates."""
    with running(MYSQL, tmp_path_factory.mktemp("target"), *UNICODE_OPTIONS, server_id=2) as server:
        made = render_statements("mysql", MASTER, PASSWORD, None)
        server.run(*filter(None, map(str.strip, made.split(";\n"))))
        yield server
