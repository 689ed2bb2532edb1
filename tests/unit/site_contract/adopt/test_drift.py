"""What an administrator moved after the adoption is found before a run starts."""

from __future__ import annotations

from cutover_site.gogs.existing.drift import find_drift
from cutover_site.layout import Layout

from tests.unit.site.existing.server import UNIT, Server
from tests.unit.site.existing.test_gogs_checks import GOGS_PID, READY
from tests.unit.site_contract.adopt.machine import FakeUnits, adopt, install_front


def test_a_site_that_was_not_adopted_has_no_drift(server: Server) -> None:
    assert find_drift(Layout(server.root)) == []


def test_every_moved_place_is_named(server: Server) -> None:
    # Given an adopted site
    server.write("home/git/gogs/custom/conf/app.ini", READY)
    server.install_unit()
    server.start(GOGS_PID, "{root}/home/git/gogs/gogs", "web")
    install_front(server)
    adopt(server, FakeUnits())
    layout = Layout(server.root)
    assert find_drift(layout) == []

    # When an administrator changes app.ini
    text = server.app_ini.read_text()
    server.app_ini.write_text(text.replace("/repositories", "/new") + "[lfs]\nOBJECTS_PATH = /mnt/lfs\n")

    # Then each place is named
    assert find_drift(layout) == [
        "data/lfs-objects is /mnt/lfs, it was /home/git/gogs/data/lfs-objects when this machine was adopted",
        "repositories is /home/git/new, it was /home/git/repositories when this machine was adopted",
    ]

    server.install_unit(UNIT.replace("gogs web", "other"))
    assert find_drift(layout) == ["gogs.service does not start Gogs any more"]
