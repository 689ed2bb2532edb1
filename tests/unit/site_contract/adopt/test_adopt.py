"""A source that somebody else installed is adopted: its addresses, its site file, its copies and what changed since."""

from __future__ import annotations

import json
import shutil

import pytest
from cutover_site.errors import Refused
from cutover_site.gogs.ini import parse
from cutover_site.layout import Layout

from tests.unit.site.existing.server import Server
from tests.unit.site_contract.adopt.machine import IDENTITY, FakeUnits, adopt, create_adoption


def test_gogs_moves_and_the_proxy_takes_over_its_addresses(forge: Server, units: FakeUnits) -> None:
    adopt(forge, units)

    settings = parse(forge.app_ini.read_text()).sections["server"]
    assert (settings["HTTP_ADDR"], settings["HTTP_PORT"]) == ("127.0.0.1", "3001")
    assert (settings["SSH_LISTEN_HOST"], settings["SSH_LISTEN_PORT"], settings["SSH_PORT"]) == (
        "127.0.0.1",
        "2223",
        "2222",
    )
    assert settings["LOCAL_ROOT_URL"] == "http://127.0.0.1:3001/"
    assert settings["EXTERNAL_URL"] == "https://git.example.test/"
    source = (forge.root / "etc/haproxy/haproxy.cfg").read_text()
    assert "bind 127.0.0.1:3000\n" in source
    assert "bind 0.0.0.0:2222\n" in source
    assert "option forwardfor if-none\n" in source
    assert "server application 127.0.0.1:3001 " in source
    assert "server application 127.0.0.1:2223\n" in source
    target = (forge.root / "etc/haproxy/cutover/target.cfg").read_text()
    assert "bind :80\n" in target
    assert "bind :2222\n" in target
    assert "option forwardfor\n" in target
    assert "127.0.0.1:3001" in target
    assert "@" not in source + target.replace("{", "")


def test_the_site_file_names_what_this_machine_is(forge: Server, units: FakeUnits) -> None:
    adopt(forge, units)

    facts = json.loads((forge.root / "etc/cutover/site.json").read_text())
    assert {key: facts[key] for key in ("site", "region", "node_id", "roles", "role", "site_url", "site_secret")} == {
        "site": "forge", "region": "us-east-1", "node_id": "mi-0123456789abcdef0", "roles": ["source-app", "source-database"], "role": "source-app",
        "site_url": "https://git.example.test/", "site_secret": "forge/site",
    }  # fmt: skip
    assert facts["source_database"] == {"host": "127.0.0.1", "port": 3306, "secret": "forge/application"}
    assert facts["installation"]["roots"] == {
        "repositories": "/home/git/repositories",
        "data/attachments": "/home/git/gogs/data/attachments",
        "data/avatars": "/home/git/gogs/data/avatars",
        "data/repo-avatars": "/home/git/gogs/data/repo-avatars",
        "data/lfs-objects": "/home/git/gogs/data/lfs-objects",
        "data/ssh": "/home/git/gogs/data/ssh",
        "data/sessions": "/home/git/gogs/data/sessions",
    }
    assert facts["installation"]["other_fronts"] == ["nginx.service"]
    assert facts["installation"]["secret_files"] == ["/etc/nginx/forge.key"]
    layout = Layout(forge.root)
    assert layout.application.owner.ids == (1000, 1000)
    assert json.loads(layout.configured_for.read_text())["instance_id"] == "mi-0123456789abcdef0"


def test_gogs_stops_only_while_its_settings_are_replaced(forge: Server, units: FakeUnits) -> None:
    adopt(forge, units)
    stop = units.done.index("stop gogs.service")
    assert units.done[stop:] == [
        "stop gogs.service",
        "reload",
        "enable haproxy.service",
        "start haproxy.service",
        "start gogs.service",
    ]
    assert [one for one in units.done[:stop] if one.startswith("start")] == [
        f"start srv-gogs-{name}.mount"
        for name in ("data-attachments", "data-avatars", "data-lfs\\x2dobjects", "data-repo\\x2davatars", "data-sessions", "data-ssh", "repositories")
    ]  # fmt: skip


def test_copies_are_in_a_folder_of_root(forge: Server, units: FakeUnits) -> None:
    before = forge.app_ini.read_bytes()
    adopt(forge, units)
    folder = forge.root / "var/lib/cutover/adopted"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert before in [path.read_bytes() for path in folder.iterdir()]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())


def test_a_machine_of_another_site_is_one_sentence(forge: Server, units: FakeUnits) -> None:
    adopt(forge, units)
    other = create_adoption(forge, units)
    with pytest.raises(Refused, match="was adopted for the site forge, not for other"):
        other.find_state(type(IDENTITY)("other", "us-east-1", "mi-0123456789abcdef0", ("source-app",)))


def test_what_changed_since_the_adoption_is_named(forge: Server, units: FakeUnits) -> None:
    adopt(forge, units)
    assert create_adoption(forge, units).find_drift(IDENTITY) == []
    (forge.root / "etc/haproxy/haproxy.cfg").write_text("global\n")
    shutil.copy(forge.app_ini, forge.root / "etc/haproxy/cutover/mode.map")  # the tool itself changes it
    other = type(IDENTITY)("forge", "eu-west-1", "mi-0123456789abcdef0", ("source-app",))
    assert create_adoption(forge, units).find_drift(other) == [
        "/etc/haproxy/haproxy.cfg was changed since the adoption",
        "it was adopted with other options",
    ]
