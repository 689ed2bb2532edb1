"""The idle cores of a machine."""

from __future__ import annotations

import os

import pytest
from cutover_site.system.cores import compute_idle_cores, count_idle_cores


@pytest.mark.parametrize(
    ("cores", "load", "idle"),
    [(2, 0.1, 2), (2, 0.6, 1), (2, 1.4, 1), (2, 1.6, 0), (2, 7.0, 0), (8, 3.2, 5), (1, 0.0, 1)],
)
def test_the_load_is_taken_from_the_cores(cores: int, load: float, idle: int) -> None:
    assert compute_idle_cores(cores, load) == idle


def test_this_machine_has_at_most_its_cores_idle() -> None:
    assert 0 <= count_idle_cores() <= (os.cpu_count() or 1)
