"""Where the replica finds the source's files: the parameter's address counts, and EC2 is asked where it has none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from common.clients.compute import Instance
from common.site_parameters import Replication

from tests.unit.procedure.conftest import Execute
from tests.unit.procedure.machines import APP, REPLICA
from tests.unit.procedure.world import World


def sources_given_to_the_replica(world: World) -> set[str]:
    return {
        options["source"]
        for machine, verb, options in world.sent.values()
        if (machine, verb) == (REPLICA, "attend") and "source" in options
    }


def test_the_address_of_an_instance_is_read_from_ec2(world: World, execute: Execute) -> None:
    assert execute("cutover").status == "SUCCEEDED"
    assert sources_given_to_the_replica(world) == {"10.10.1.5"}


def test_the_address_of_a_source_outside_ec2_is_read_from_the_parameter(
    world: World, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = world.read_replication()
    known = World.find_instance

    def describe(self: World, instance_id: str) -> Instance:
        assert instance_id != APP, "EC2 does not know a hybrid node"
        return known(self, instance_id)

    monkeypatch.setattr(World, "find_instance", describe)
    monkeypatch.setattr(World, "read_replication", lambda _: replace(stored, source_app_address="192.168.7.20"))

    assert execute("cutover").status == "SUCCEEDED"
    assert sources_given_to_the_replica(world) == {"192.168.7.20"}


def test_a_parameter_of_an_earlier_release_has_no_address(world: World) -> None:
    stored = world.read_replication()
    raw = stored.to_json()
    assert "source_app_address" not in raw
    assert Replication.from_json(raw) == stored
    with_address = replace(stored, source_app_address="192.168.7.20")
    assert Replication.from_json(with_address.to_json()) == with_address
