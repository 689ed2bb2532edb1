from __future__ import annotations

import pytest

from tests.unit.site.existing.conftest import server

__all__ = ["server"]


@pytest.fixture(autouse=True)
def _no_wait_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal is written before each change. Waiting for the disk each time would take most of the time of these tests."""
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)
