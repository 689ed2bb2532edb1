"""The adoption of a server whose database is a managed service: its administrator is in site.json by the name of a secret."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cutover_site.adopt.adoption import describe_identity
from cutover_site.adopt.site_file import describe_site
from cutover_site.config import Administrator, SiteConfig, SourceDatabase
from cutover_site.errors import NotConfigured
from cutover_site.layout import Layout

from tests.unit.site.existing.server import Server
from tests.unit.site_contract.adopt.machine import IDENTITY, FakeMarkers, FakeUnits, create_adoption

MANAGED = replace(IDENTITY, administrator=Administrator("rds!db-1", "encrypt"))


def load_config(server: Server, database: dict[str, Any]) -> SiteConfig:
    facts = {"site": "s", "region": "eu-west-1", "node_id": "mi-0a1b2c3d4e5f60718", "roles": ["source-app"]}
    server.write("etc/cutover/site.json", json.dumps({**facts, "source_database": database}))
    return SiteConfig.load(Layout(server.root))


def test_the_file_of_the_site_names_the_secret_and_no_password(forge: Server) -> None:
    adoption = create_adoption(forge, FakeUnits(), markers=FakeMarkers())
    _, proposal = adoption.plan(MANAGED, has_application=True, is_printed_only=True)
    written = describe_site(adoption.profile, MANAGED, proposal)["source_database"]
    without = describe_site(adoption.profile, IDENTITY, proposal)["source_database"]
    assert isinstance(written, dict)
    assert {**written} == {**without, "administrator": {"secret": "rds!db-1", "tls": "encrypt"}}  # type: ignore[dict-item]


def test_another_administrator_is_another_adoption() -> None:
    assert describe_identity(MANAGED) != describe_identity(IDENTITY)
    assert "administrator" not in describe_identity(IDENTITY), "the journals of earlier releases have no such key"


def test_the_file_is_read_with_and_without_an_administrator(server: Server) -> None:
    plain = {"host": "db", "port": 3306, "secret": "a"}
    assert load_config(server, plain).source_database == SourceDatabase("db", 3306, "a")
    found = load_config(server, {**plain, "administrator": {"secret": "x"}})
    assert (found.source_database, found.has_managed_database) == (
        SourceDatabase("db", 3306, "a", Administrator("x", "verify")),
        True,
    )


@pytest.mark.parametrize("administrator", [{}, {"secret": "x", "tls": "off"}, "x"])
def test_a_wrong_administrator_is_one_sentence(server: Server, administrator: Any) -> None:
    with pytest.raises(NotConfigured, match=r"site\.json"):
        load_config(server, {"host": "db", "port": 3306, "secret": "a", "administrator": administrator})
