"""The table of the markers on a real server of each product: created by the adoption, removed by the release."""

from __future__ import annotations

from pathlib import Path

import pytest
from cutover_site.adopt.markers import MarkersState
from cutover_site.adopt.server_markers import ServerMarkers
from cutover_site.layout import Layout

from tests.rehearsal.database_servers.server import DatabaseServer

pytestmark = pytest.mark.rehearsal


def test_the_table_is_created_once_and_removed_with_its_schema(server: DatabaseServer, tmp_path: Path) -> None:
    markers = ServerMarkers(Layout(tmp_path))
    socket = markers.layout.database_socket
    socket.parent.mkdir(parents=True)
    socket.symlink_to(server.socket)
    server.run("DROP DATABASE IF EXISTS cutover")

    assert markers.read() == MarkersState(has_schema=False, has_table=False)
    markers.create()
    markers.create()
    server.run("INSERT INTO cutover.marker VALUES ('a run', 1)")
    assert markers.read() == MarkersState(has_schema=True, has_table=True)

    server.run("CREATE TABLE cutover.somebody (id INT PRIMARY KEY)")
    assert markers.remove(with_schema=True) == ["schema cutover stays, because it has tables of somebody else"]
    server.run("DROP TABLE cutover.somebody")
    assert markers.remove(with_schema=True) == []
    assert markers.read() == MarkersState(has_schema=False, has_table=False)
