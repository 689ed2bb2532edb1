"""A test's world gets a number under which a killed run left nothing."""

from __future__ import annotations

import pytest

from rehearsal.world import namespaces
from tests.rehearsal.ports import free_ports

pytestmark = pytest.mark.rehearsal


def test_ports_are_not_free_while_network_namespaces_of_their_world_exist() -> None:
    left = free_ports()
    namespace = f"cutover-{left}-router"
    namespaces.create(namespace)
    try:
        assert free_ports() > left
    finally:
        namespaces.delete(namespace)
    assert free_ports() == left
