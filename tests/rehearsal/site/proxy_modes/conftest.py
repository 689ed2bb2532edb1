"""One proxy and one upstream for all tests of a file, in mode open at the start of each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rehearsal.site.front import Front
from tests.rehearsal.site.upstream import Upstream


@pytest.fixture(scope="module")
def site_path() -> str:
    """Return the path of the site. A file about a site below a path overrides it."""
    return ""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, site_path: str) -> Iterator[tuple[Front, Upstream]]:
    upstream = Upstream()
    front = Front(tmp_path_factory.mktemp("front"), upstream, path=site_path)
    yield front, upstream
    front.close()
    upstream.close()


@pytest.fixture
def front(running: tuple[Front, Upstream]) -> Front:
    """Return the proxy in mode open. No request has reached its upstream."""
    running[0].modes.switch("open")
    running[1].reset()
    return running[0]


@pytest.fixture
def upstream(running: tuple[Front, Upstream]) -> Upstream:
    return running[1]
