"""A release restores the source byte by byte, and keeps what its administrator changed."""

from __future__ import annotations

import os
import struct

import pytest
from cutover_site.errors import Refused
from cutover_site.files import delta_access
from cutover_site.freeze.state import FreezeState
from cutover_site.freeze.store import FreezeStore
from cutover_site.gogs import timers
from cutover_site.gogs.ini import parse
from cutover_site.gogs.layout import GogsLayout
from cutover_site.layout import Layout
from cutover_site.owner_hooks.journal import Journal
from cutover_site.system.textfiles import ACCESS_LIST, read_access_list

from tests.unit.site.existing.server import Server
from tests.unit.site_contract.adopt.machine import FakeUnits, adopt, create_adoption, read_everything, release

NOBODY = 0xFFFFFFFF
"""the id of an entry of an access control list that names no user and no group"""


def test_a_change_of_the_administrator_in_app_ini_is_kept(forge: Server, units: FakeUnits) -> None:
    before = forge.app_ini.read_text()
    adopt(forge, units)
    forge.app_ini.write_text(forge.app_ini.read_text().replace("BRAND_NAME = Forge", "BRAND_NAME = New"))

    kept = release(forge, units)

    assert kept == [f"{forge.app_ini} keeps what was changed in it since the adoption"]
    assert (
        parse(forge.app_ini.read_text()).sections
        == parse(before.replace("BRAND_NAME = Forge", "BRAND_NAME = New")).sections
    )


def test_a_change_of_the_administrator_that_is_no_utf_8_is_kept(forge: Server, units: FakeUnits) -> None:
    before, added = forge.app_ini.read_bytes(), "; für Müller\n".encode("latin-1")
    adopt(forge, units)
    forge.app_ini.write_bytes(forge.app_ini.read_bytes() + added)

    assert release(forge, units) == [f"{forge.app_ini} keeps what was changed in it since the adoption"]

    assert forge.app_ini.read_bytes() == before + added
    assert units.read("gogs.service").is_active


def test_the_access_control_list_of_a_file_stays_during_the_adoption_and_after_it(
    forge: Server, units: FakeUnits
) -> None:
    # Given an app.ini that the user 1234 may read too
    entries = ((1, 6, NOBODY), (2, 4, 1234), (4, 4, NOBODY), (0x10, 4, NOBODY), (0x20, 0, NOBODY))
    access_list = struct.pack("<L", 2) + b"".join(struct.pack("<HHL", *entry) for entry in entries)
    os.setxattr(forge.app_ini, ACCESS_LIST, access_list)

    adopt(forge, units)
    assert read_access_list(forge.app_ini) == access_list

    release(forge, units)
    assert read_access_list(forge.app_ini) == access_list


@pytest.mark.parametrize("target", ["options", "missing"])
def test_a_symbolic_link_in_the_place_of_a_file_is_restored(forge: Server, units: FakeUnits, target: str) -> None:
    # Given options of HAProxy's service that are kept in another folder
    options = forge.write("srv/options", "EXTRAOPTS=-d\n")
    link = forge.root / "etc/default/haproxy"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(f"../../srv/{target}")

    adopt(forge, units)
    assert not link.is_symlink()
    assert "haproxy-master.sock" in link.read_text()

    release(forge, units)
    assert str(link.readlink()) == f"../../srv/{target}"
    assert options.read_text() == "EXTRAOPTS=-d\n"


def test_a_folder_that_got_content_stays(forge: Server, units: FakeUnits) -> None:
    adopt(forge, units)
    (forge.home / "gogs/data/attachments/1").write_text("x")
    assert any("attachments stays, because it is not empty" in one for one in release(forge, units))
    assert (forge.home / "gogs/data/attachments/1").read_text() == "x"


@pytest.mark.parametrize("name", ["freeze_file", "database_freeze_file"])
def test_a_frozen_source_is_not_released(forge: Server, units: FakeUnits, name: str) -> None:
    adopt(forge, units)
    FreezeStore(getattr(Layout(forge.root), name)).write(FreezeState(name="frozen", run="r-1", lease_until=1.0))
    with pytest.raises(Refused, match="the source is frozen for the run r-1"):
        create_adoption(forge, units).release()


def test_a_release_removes_what_runs_have_left(forge: Server, units: FakeUnits) -> None:
    keys = forge.write("home/git/.ssh/authorized_keys", "ssh-ed25519 AAAA ann\n")
    before = forge.app_ini.read_bytes()
    adopt(forge, units)
    layout = GogsLayout(forge.root)
    FreezeStore(layout.freeze_file).write(FreezeState())
    FreezeStore(layout.database_freeze_file).write(FreezeState())
    Journal(layout.state / "hooks", "r-1", "mi-1").write("before", "notify", {"outcome": "passed"})
    timers.switch_background(layout, on=False)  # the process of a thaw was killed
    keys.write_text(
        "ssh-ed25519 AAAA ann\n" + delta_access.render_key_line(f"ssh-ed25519 {'A' * 68}", "", "/srv/gogs") + "\n"
    )

    assert release(forge, units) == []

    assert keys.read_text() == "ssh-ed25519 AAAA ann\n"
    assert forge.app_ini.read_bytes() == before
    assert list(layout.state.iterdir()) == []


def test_keys_of_others_stay_byte_by_byte(forge: Server, units: FakeUnits) -> None:
    # Given keys behind a symbolic link, one with a comment that is not UTF-8
    others = "ssh-rsa AAAA müller\nssh-rsa BBBB a\vb\n".encode("latin-1")
    ours = delta_access.render_key_line(f"ssh-ed25519 {'A' * 68}", "", "/srv/gogs")
    kept = forge.write("etc/ssh/keys/git", "")
    kept.write_bytes(others)
    keys = forge.root / "home/git/.ssh/authorized_keys"
    keys.parent.mkdir(parents=True)
    keys.symlink_to(kept)
    adopt(forge, units)
    kept.write_bytes(others + f"{ours}\n".encode())

    assert release(forge, units) == []

    assert keys.is_symlink()
    assert kept.read_bytes() == others


def test_a_target_is_not_released(forge: Server, units: FakeUnits) -> None:
    adopt(forge, units)
    Layout(forge.root).target_seal.write_text("")
    with pytest.raises(Refused, match="is a target of a migration"):
        create_adoption(forge, units).release()


def test_a_machine_that_was_never_adopted_has_nothing_to_release(forge: Server, units: FakeUnits) -> None:
    before = read_everything(forge.root)
    assert create_adoption(forge, units).release() == {"changed": False, "kept": []}
    assert read_everything(forge.root) == before
