"""A world of a test gets a port number for which a killed run left no network namespace."""

from __future__ import annotations

import pytest

from rehearsal.world import namespaces
from tests.rehearsal.ports import find_free_ports

pytestmark = pytest.mark.rehearsal


def test_ports_of_a_world_with_network_namespaces_are_not_free() -> None:
    left = find_free_ports()
    namespace = f"cutover-{left}-router"
    namespaces.create(namespace)
    try:
        assert find_free_ports() > left
    finally:
        namespaces.delete(namespace)
    assert find_free_ports() == left
