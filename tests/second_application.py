"""The second application, among the known ones for as long as a test needs it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import applications
from applications.profile import Profile

FOLDER = Path(__file__).parent / "applications"
NAME = "tiny"


@contextmanager
def second_application() -> Iterator[Profile]:
    """Let `applications.load` find the profile below tests/applications."""
    applications.__path__.append(str(FOLDER))
    try:
        yield applications.load(NAME)
    finally:
        applications.__path__.remove(str(FOLDER))
