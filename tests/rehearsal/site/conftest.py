from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The machine side is no package of this project: on a machine it lies in /opt/cutover/lib.
sys.path.insert(0, str(Path(__file__).parents[3] / "assets/site"))

from tests.rehearsal.site.server import DatabaseServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    made = DatabaseServer(tmp_path_factory.mktemp("mariadb"))
    yield made
    made.close()
