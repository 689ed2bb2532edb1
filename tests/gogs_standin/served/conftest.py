from __future__ import annotations

import pytest

from rehearsal import requirements
from tests.gogs_standin.served.fixtures import archive, database, gogs, make, place

__all__ = ["archive", "database", "gogs", "make", "place"]


@pytest.fixture(scope="session", autouse=True)
def host() -> None:
    """Fail with the reason if the host cannot run these tests. They start servers as the user git."""
    requirements.require_root()
    requirements.require_packages(print, also=requirements.TEST_PACKAGES)
