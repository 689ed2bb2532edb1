"""Each form of app.ini that real sites have is adopted, and released byte by byte."""

from __future__ import annotations

import os

import pytest
from cutover_site.adopt.units import UnitState
from cutover_site.errors import NotConfigured
from cutover_site.gogs.existing.places import find_places
from cutover_site.gogs.existing.reading import read_inventory

from tests.unit.site.existing.server import UNIT, Server
from tests.unit.site.existing.shapes import SHAPES, Shape
from tests.unit.site_contract.adopt.machine import (
    FakeUnits,
    adopt,
    install_front,
    read_everything,
    release,
)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_each_form_of_app_ini_is_adopted_and_released_byte_by_byte(
    server: Server, units: FakeUnits, shape: Shape
) -> None:
    # Given a running Gogs with these settings
    app_ini = server.write(shape.file, shape.text, end=shape.end)
    os.utime(app_ini, ns=(1_500_000_000_123_456_789, 1_500_000_000_123_456_789))
    words = " ".join(shape.arguments)
    variables = "".join(f"Environment={key}={value}\n" for key, value in shape.environment.items())
    server.install_unit(UNIT.replace("gogs web\n", f"gogs web {words}\n{variables}"))
    environment = {"HOME": "{root}/home/git", "USER": "git", **shape.environment}
    server.start(77, "{root}/home/git/gogs/gogs", "web", *shape.arguments, environment=environment)
    install_front(server)
    place = find_places(server.host)[0]
    inventory = read_inventory(place, is_version_read=False)
    was, old_names, before = inventory.to_facts(), inventory.old_names, read_everything(server.root)
    running = dict(units.states)

    # When it is adopted
    if was["http"]["protocol"] == "unix":
        with pytest.raises(NotConfigured, match="PROTOCOL is unix"):
            adopt(server, units)
        assert read_everything(server.root) == before
        return
    adopt(server, units)

    # Then only the addresses of its own ports changed
    now = read_inventory(find_places(server.host)[0], is_version_read=False).to_facts()
    assert (now["http"]["address"], now["http"]["port"]) == ("127.0.0.1", 3000)
    if not old_names:  # which this release of Gogs ignores, so that the address is the default
        assert now["http"]["url"] == was["http"]["url"]
    assert {key: now["ssh"][key] for key in ("mode", "domain", "port")} == {
        key: was["ssh"][key] for key in ("mode", "domain", "port")
    }
    for unchanged in (
        "data",
        "database",
        "sessions",
        "cache",
        "program",
        "work_folder",
        "custom_folder",
        "user",
        "home",
    ):
        assert now[unchanged] == was[unchanged], unchanged
    assert read_everything(server.root) != before

    # And everything is as it was after the release
    assert release(server, units) == []
    assert read_everything(server.root) == before
    assert {
        unit: state for unit, state in units.states.items() if state != UnitState(is_active=False, is_enabled=False)
    } == running
