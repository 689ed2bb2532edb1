"""What the inventory reads of an existing installation, for every form of its settings and of the way in which it is started."""

from __future__ import annotations

import json
from functools import reduce
from typing import Any

import pytest
from cutover_site.errors import NotConfigured
from cutover_site.gogs.existing.places import Place, create_place, find_places
from cutover_site.gogs.existing.reading import read_inventory

from tests.unit.site.existing.server import UNIT, Server
from tests.unit.site.existing.shapes import SHAPES, Shape

START = ("{root}/home/git/gogs/gogs", "web")


def find_place(server: Server) -> Place:
    (place,) = find_places(server.host)
    return place


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("how", ["running", "stopped"])
def test_the_inventory_of_each_form_of_settings(server: Server, shape: Shape, how: str) -> None:
    # Given Gogs with these settings, started by its unit or not
    server.write(shape.file, shape.text, end=shape.end)
    words = " ".join(shape.arguments)
    variables = "".join(f"Environment={key}={value}\n" for key, value in shape.environment.items())
    server.install_unit(UNIT.replace("gogs web\n", f"gogs web {words}\n{variables}"))
    if how == "running":
        server.start(
            77,
            *START,
            *shape.arguments,
            environment={"HOME": "{root}/home/git", "USER": "git", **shape.environment},
        )

    # When it is read
    facts = read_inventory(find_place(server), is_version_read=False).to_facts()

    # Then everything is where Gogs itself has it
    text = json.dumps(shape.read).replace("{root}", str(server.root))
    assert {name: reduce(lambda found, key: found[key], name.split("."), facts) for name in shape.read} == json.loads(
        text
    )


def test_a_process_is_found_with_its_unit_and_its_user(server: Server) -> None:
    server.install_unit()
    server.start(77, *START)
    place = find_place(server)
    assert (place.pid, place.unit, place.unit_user) == (77, "gogs.service", "git")
    assert place.home == str(server.home)
    assert place.app_ini == server.app_ini


def test_a_link_to_the_program_keeps_the_folder_of_the_link(server: Server) -> None:
    (server.root / "usr/local/bin").mkdir(parents=True)
    (server.root / "usr/local/bin/gogs").symlink_to(server.home / "gogs/gogs")
    server.start(77, "{root}/usr/local/bin/gogs", "web")
    assert find_place(server).work_folder == server.root / "usr/local/bin"


def test_a_program_with_a_relative_path_is_found_from_its_working_directory(server: Server) -> None:
    server.start(77, "./gogs", "web", "-c", "custom/conf/app.ini")
    place = find_place(server)
    assert (place.program, place.app_ini) == (server.home / "gogs/gogs", server.app_ini)


def test_hooks_and_ssh_sessions_of_gogs_are_no_installation(server: Server) -> None:
    server.start(77, "{root}/home/git/gogs/gogs", "serv", "key-1", "--config=/x/app.ini")
    server.start(78, "{root}/home/git/gogs/gogs", "hook", "--config=/x/app.ini", "pre-receive")
    assert find_places(server.host) == []


def test_a_drop_in_changes_the_unit(server: Server) -> None:
    server.install_unit()
    text = '[Service]\nExecStart=\nExecStart=-{root}/srv/forge/gogs web \\\n  --config="{root}/srv/forge/my app.ini"\nUser=www-data\nEnvironment=\n'
    server.write("etc/systemd/system/gogs.service.d/override.conf", text)
    place = find_place(server)
    assert place.program == server.root / "srv/forge/gogs"
    assert place.app_ini == server.root / "srv/forge/my app.ini"
    assert (place.unit_user, place.home) == ("www-data", "/var/www")


def test_a_file_of_the_unit_sets_the_environment(server: Server) -> None:
    server.write("etc/default/gogs", '# site\nexport GOGS_CUSTOM="{root}/srv/custom"\n')
    server.install_unit(UNIT.replace("[Install]", "EnvironmentFile=-{root}/etc/default/gogs\n[Install]"))
    assert find_place(server).app_ini == server.root / "srv/custom/conf/app.ini"


def test_a_masked_unit_and_the_unit_that_it_hides_do_not_count(server: Server) -> None:
    server.write("usr/lib/systemd/system/gogs.service", UNIT)
    (server.root / "etc/systemd/system/gogs.service").symlink_to("/dev/null")
    assert find_places(server.host) == []


def test_two_installations_are_both_found(server: Server) -> None:
    server.install_unit()
    server.start(77, *START)
    server.install_unit(UNIT.replace("/home/git/gogs", "/opt/second"), "forge.service")
    assert [place.unit for place in find_places(server.host)] == ["gogs.service", "forge.service"]


def test_an_app_ini_without_process_and_unit_names_the_work_directory(server: Server) -> None:
    place = create_place(server.host, server.app_ini, "git")
    assert (place.work_folder, place.custom_folder) == (server.home / "gogs", server.home / "gogs/custom")
    assert place.home == str(server.home)


def test_an_address_that_gogs_cannot_parse_is_named(server: Server) -> None:
    app_ini = server.write("home/git/gogs/custom/conf/app.ini", "[server]\nEXTERNAL_URL = http://[::1\n")

    with pytest.raises(NotConfigured, match=r"EXTERNAL_URL is http://\[::1, which is no address of a site"):
        read_inventory(create_place(server.host, app_ini, "git"), is_version_read=False)


def test_the_inventory_has_no_secret(server: Server) -> None:
    text = "[database]\nTYPE = mysql\nPASSWORD = a-secret\n[security]\nSECRET_KEY = ${KEY}\n[cache]\nADAPTER = redis\nHOST = addr=:6379,password=b-secret\n"
    server.write("home/git/gogs/custom/conf/app.ini", text)
    server.start(77, *START, environment={"KEY": "c-secret"})
    place = find_place(server)
    inventory = read_inventory(place, is_version_read=False)
    shown = f"{place!r} {inventory!r} {json.dumps(inventory.to_facts())}"
    assert "-secret" not in shown


def test_what_the_site_has_in_its_custom_directory_is_listed(server: Server) -> None:
    server.write("home/git/gogs/custom/conf/app.ini", "RUN_USER = git\n")
    server.write("home/git/gogs/custom/templates/home.tmpl", "x")
    server.write("home/git/gogs-repositories/a/b.git/HEAD", "ref: refs/heads/master")
    facts: dict[str, Any] = read_inventory(create_place(server.host, server.app_ini, "git")).to_facts()
    assert facts["custom"] == ["templates/home.tmpl"]
    assert facts["repositories"] == 1
    assert facts["version"] == ""
