"""Golden files: `__snapshots__` contains each text that people read, so that a review shows its changes. `make snapshots` accepts a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tests.unit.procedure.conftest import definitions, execute, execute_in, world

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

__all__ = ["definitions", "execute", "execute_in", "world"]


class TextFile(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture
def golden(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextFile)
