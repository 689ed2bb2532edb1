"""An invalid description of a source is rejected in one sentence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk import CfnResource
from settings import Settings
from source_site import ManagedNode, RoutedNetwork, SourceSite

from tests.unit.sources.existing import APPLICATION, describe_existing, import_scope

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def source() -> SourceSite:
    settings = Settings.load(ROOT / "migration.toml")
    return describe_existing(import_scope(settings), settings)


@pytest.mark.parametrize("invalid", ["", "gogs.example.com", "i-123", "mi-0a1b2c3d", "i-0123456789ABCDEF0"])
def test_an_id_that_is_no_managed_node_is_rejected(invalid: str) -> None:
    with pytest.raises(ValueError, match="is no managed node: expected an EC2 instance"):
        ManagedNode(id=invalid, address="192.168.7.20")


def test_a_hybrid_node_needs_an_address() -> None:
    with pytest.raises(ValueError, match=r"mi-0a1b2c3d4e5f60718: give its private address"):
        ManagedNode(id=APPLICATION.id)


def test_the_arn_of_a_node_depends_on_the_service_that_manages_it() -> None:
    assert APPLICATION.arn.endswith(":managed-instance/mi-0a1b2c3d4e5f60718")
    assert ManagedNode(id="i-01234567").arn.endswith(":instance/i-01234567")
    token = CfnResource(import_scope(Settings.load(ROOT / "migration.toml")), "Server", type="Custom::Server").ref
    assert not ManagedNode(id=token).is_hybrid


@pytest.mark.parametrize("gateway", ["igw-1", "nat-1", ""])
def test_a_gateway_of_another_kind_is_rejected(gateway: str) -> None:
    with pytest.raises(ValueError, match=r"expected a transit gateway \(tgw-…\) or a virtual private gateway"):
        RoutedNetwork(cidrs=("192.168.7.0/24",), gateway_id=gateway)


@pytest.mark.parametrize("cidrs", [(), ("192.168.7.20/24",), ("somewhere",)])
def test_invalid_or_missing_networks_are_rejected(cidrs: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"is no IPv4 network such as|at least one network"):
        RoutedNetwork(cidrs=cidrs, gateway_id="tgw-1")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "the database server i-01234567 needs an address: its network is routed, not peered"),
        ("10.1.1.1", "the database server i-01234567 has the address 10.1.1.1, which is in none of its networks"),
    ],
)
def test_a_server_behind_a_gateway_needs_an_address_in_a_routed_network(
    source: SourceSite, address: str, reason: str
) -> None:
    node = ManagedNode(id="i-01234567", address=address)
    with pytest.raises(ValueError, match=reason):
        replace(source, database=replace(source.database, node=node))
