"""A proxy in front of a source and a target."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.site.front import Front
from tests.rehearsal.site.upstream import Upstream


@pytest.fixture
def target() -> Iterator[Upstream]:
    made = Upstream()
    yield made
    made.close()


@pytest.fixture
def front(tmp_path: Path, upstream: Upstream, target: Upstream) -> Iterator[Front]:
    with Front(tmp_path, upstream, target) as made:
        yield made
