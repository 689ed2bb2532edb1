"""What an administrator moved after the adoption is found before a run starts."""

from __future__ import annotations

import pytest
from cutover_site.gogs.existing.drift import find_drift
from cutover_site.layout import Layout

from tests.unit.site.existing.gogs_site import GOGS_PID, READY
from tests.unit.site.existing.server import UNIT, Server
from tests.unit.site_contract.adopt.machine import FakeUnits, adopt, install_front


def test_a_site_that_was_not_adopted_has_no_drift(server: Server) -> None:
    assert find_drift(Layout(server.root)) == []


def adopt_site(server: Server) -> Layout:
    """Adopt a site, and return the layout of its server."""
    server.write("home/git/gogs/custom/conf/app.ini", READY)
    server.install_unit()
    server.start(GOGS_PID, "{root}/home/git/gogs/gogs", "web")
    install_front(server)
    adopt(server, FakeUnits())
    return Layout(server.root)


def test_every_moved_place_is_named(server: Server) -> None:
    # Given an adopted site
    layout = adopt_site(server)
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


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "https://git.example.test/",
            "https://code.example.test/git/",
            "address (EXTERNAL_URL) is https://code.example.test/git/, it was https://git.example.test/ when this machine was adopted",
        ),
        (
            "HOST = 127.0.0.1:3306",
            "HOST = database.example.test:3307",
            "database is database.example.test:3307, it was 127.0.0.1:3306 when this machine was adopted",
        ),
        (
            "SSH_PORT = 2222",
            "SSH_PORT = 2222\nSSH_DOMAIN = ssh.example.test",
            "SSH domain is ssh.example.test, it was localhost when this machine was adopted",
        ),
    ],
)
def test_another_address_is_named(server: Server, old: str, new: str, expected: str) -> None:
    layout = adopt_site(server)
    text = server.app_ini.read_text()
    assert old in text
    server.app_ini.write_text(text.replace(old, new, 1))
    assert expected in find_drift(layout)


def test_the_same_address_in_another_form_is_no_drift(server: Server) -> None:
    layout = adopt_site(server)
    text = server.app_ini.read_text()
    server.app_ini.write_text(text.replace("https://git.example.test/", "https://Git.example.test:443", 1))
    assert find_drift(layout) == []
