"""An adopted database server gets the table of the markers, and loses it when it is released."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cutover_site.adopt.markers import MarkersState
from cutover_site.errors import CommandFailed

from tests.unit.site.existing.server import Server
from tests.unit.site_contract.adopt.machine import IDENTITY, FakeMarkers, FakeUnits, create_adoption

DATABASE = replace(IDENTITY, roles=("source-database",))
NONE = MarkersState(has_schema=False, has_table=False)
SCHEMA_ONLY = MarkersState(has_schema=True, has_table=False)
BOTH = MarkersState(has_schema=True, has_table=True)


def adopt(server: Server, markers: FakeMarkers) -> None:
    adoption = create_adoption(server, FakeUnits(), markers=markers)
    changes, proposal = adoption.plan(DATABASE, has_application=False)
    adoption.apply(DATABASE, changes, proposal)


def release(server: Server, markers: FakeMarkers) -> list[str]:
    return list(create_adoption(server, FakeUnits(), markers=markers).release()["kept"])


@pytest.mark.parametrize(("before", "after"), [(NONE, NONE), (SCHEMA_ONLY, SCHEMA_ONLY), (BOTH, BOTH)])
def test_a_release_restores_what_the_server_had(server: Server, before: MarkersState, after: MarkersState) -> None:
    markers = FakeMarkers(before)
    adopt(server, markers)
    assert markers.state == BOTH
    assert release(server, markers) == []
    assert markers.state == after


def test_tables_of_somebody_else_stay_and_are_named(server: Server) -> None:
    markers = FakeMarkers()
    adopt(server, markers)
    markers.others = True
    assert release(server, markers) == ["schema cutover stays"]


def test_a_server_that_cannot_be_reached_leaves_nothing_of_the_adoption(server: Server) -> None:
    with pytest.raises(CommandFailed, match="refused"):
        adopt(server, FakeMarkers(is_reachable=False))
    assert not (server.root / "etc/cutover/site.json").exists()


def test_an_application_server_has_no_table_of_markers(server: Server) -> None:
    application = replace(IDENTITY, roles=("source-app",))
    changes, _ = create_adoption(server, FakeUnits()).plan(application, has_application=False)
    assert not [change for change in changes if change.name == "table cutover.marker"]
