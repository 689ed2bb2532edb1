"""A source that somebody else installed is adopted, and released byte by byte, in every form that it may have."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from applications.gogs.profile import PROFILE
from cutover_site.adopt import executor as executor_module
from cutover_site.adopt.changes import FileChange, UnitChange
from cutover_site.adopt.journal import ADOPTED, Journal
from cutover_site.errors import CommandFailed, NotConfigured, Refused, SiteError
from cutover_site.existing.listeners import Listener
from cutover_site.files import delta_access
from cutover_site.freeze.state import FreezeState
from cutover_site.freeze.store import FreezeStore
from cutover_site.gogs import timers
from cutover_site.gogs.existing.proposal import format_bind
from cutover_site.gogs.ini import parse
from cutover_site.gogs.layout import GogsLayout
from cutover_site.health import find_proxy_address
from cutover_site.layout import Layout, forget_site_file

from tests.unit.site.existing.server import Server
from tests.unit.site_contract.adopt.machine import (
    IDENTITY,
    FakeUnits,
    adopt,
    create_adoption,
    read_everything,
    release,
    render_front_files,
)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


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


@pytest.mark.parametrize(
    ("address", "listens", "bind"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1:3000"),
        ("0.0.0.0", "0.0.0.0", "0.0.0.0:3000"),  # no IPv6 on this machine
        ("0.0.0.0", "::", ":::3000 v4v6"),
        ("", "::", ":::3000 v4v6"),
        ("10.1.2.3", "10.1.2.3", "10.1.2.3:3000"),
        ("::1", "::1", "[::1]:3000"),
    ],
)
def test_the_proxy_is_reached_as_gogs_was(address: str, listens: str, bind: str) -> None:
    assert format_bind(address, 3000, [Listener(listens, 3000, "gogs", "gogs.service", 7)]) == bind


@pytest.mark.parametrize(
    ("bind", "address"),
    [
        (":80", "127.0.0.1:80"),
        ("127.0.0.1:3000", "127.0.0.1:3000"),
        ("0.0.0.0:3000", "127.0.0.1:3000"),
        (":::3000 v4v6", "127.0.0.1:3000"),
        ("[::1]:3000", "[::1]:3000"),
        ("10.1.2.3:3000", "10.1.2.3:3000"),
    ],
)
def test_the_address_of_the_proxy_is_read_from_its_settings(tmp_path: Path, bind: str, address: str) -> None:
    text = render_front_files(("X-WEBAUTH-USER",))["source.cfg"].replace("@http_bind@", bind)
    (tmp_path / "haproxy.cfg").write_text(text)
    assert find_proxy_address(tmp_path / "haproxy.cfg") == address
    assert find_proxy_address(tmp_path / "none") == "127.0.0.1:80"


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


def test_the_record_of_a_machine_without_metadata_has_its_hardware(forge: Server, units: FakeUnits) -> None:
    changes, _ = create_adoption(forge, units).plan(replace(IDENTITY, hardware="uuid:1"), has_application=True)
    (record,) = [one for one in changes if isinstance(one, FileChange) and one.path.endswith("configured-for")]
    assert json.loads(record.content) == {
        "instance_id": "mi-0123456789abcdef0",
        "mode": "source",
        "background": True,
        "hardware": "uuid:1",
    }


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


@pytest.mark.parametrize("failing", ["srv-gogs-repositories.mount", "haproxy.service", ""])
def test_everything_is_undone_when_a_step_fails(forge: Server, units: FakeUnits, failing: str) -> None:
    before, running = read_everything(forge.root), units.read("gogs.service")
    units.failing = failing
    with pytest.raises(CommandFailed, match="does not"):
        adopt(forge, units, is_healthy=bool(failing))
    assert read_everything(forge.root) == before
    assert units.read("gogs.service") == running
    assert not units.read("haproxy.service").is_active


def test_an_interruption_at_any_step_is_undone_by_the_next_call(
    forge: Server, units: FakeUnits, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_everything(forge.root)
    changes, proposal = create_adoption(forge, units).plan(IDENTITY, has_application=True)
    assert proposal is not None
    for step in range(1, len(changes) + 1):
        # Given an adoption whose process was killed after this step
        adoption = create_adoption(forge, units)
        adoption.journal.begin(IDENTITY.site, {})
        adoption.executor.apply(changes[:step])

        # When the release of the machine is interrupted too
        with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
            patch.setattr(executor_module, "restore_file", interrupt)
            create_adoption(forge, units).release()
        create_adoption(forge, units).release()

        # Then nothing of the adoption is left
        assert read_everything(forge.root) == before, step
        assert units.read("gogs.service").is_active


def test_a_release_that_was_interrupted_goes_on_in_the_next_adoption(forge: Server, units: FakeUnits) -> None:
    adopt(forge, units).journal.set_state("releasing")
    adopt(forge, units)
    assert Journal.load(forge.root / "var/lib/cutover/adopted").state == ADOPTED


def test_a_removal_of_the_copies_that_was_interrupted_undoes_nothing_again(forge: Server, units: FakeUnits) -> None:
    before = read_everything(forge.root)
    journal = adopt(forge, units).journal
    create_adoption(forge, units).executor.undo()
    journal.set_state("released")
    for path in journal.folder.glob("*-before"):
        path.unlink()
    assert create_adoption(forge, units).release() == {"changed": False, "kept": []}
    assert read_everything(forge.root) == before


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


def test_a_folder_that_got_content_stays(forge: Server, units: FakeUnits) -> None:
    adopt(forge, units)
    (forge.home / "gogs/data/attachments/1").write_text("x")
    assert any("attachments stays, because it is not empty" in one for one in release(forge, units))
    assert (forge.home / "gogs/data/attachments/1").read_text() == "x"


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


def test_a_frozen_source_is_not_released(forge: Server, units: FakeUnits) -> None:
    adopt(forge, units)
    FreezeStore(Layout(forge.root).freeze_file).write(FreezeState(name="frozen", run="r-1", lease_until=1.0))
    with pytest.raises(Refused, match="the source is frozen for the run r-1"):
        create_adoption(forge, units).release()


def test_a_release_removes_what_runs_have_left(forge: Server, units: FakeUnits) -> None:
    keys = forge.write("home/git/.ssh/authorized_keys", "ssh-ed25519 AAAA ann\n")
    before = forge.app_ini.read_bytes()
    adopt(forge, units)
    layout = GogsLayout(forge.root)
    FreezeStore(layout.freeze_file).write(FreezeState())
    timers.switch_background(layout, on=False)  # the process of a thaw was killed
    keys.write_text(
        "ssh-ed25519 AAAA ann\n" + delta_access.render_key_line(f"ssh-ed25519 {'A' * 68}", "", "/srv/gogs") + "\n"
    )

    assert release(forge, units) == []

    assert keys.read_text() == "ssh-ed25519 AAAA ann\n"
    assert forge.app_ini.read_bytes() == before
    assert list(layout.state.iterdir()) == []


def test_a_target_is_not_released(forge: Server, units: FakeUnits) -> None:
    adopt(forge, units)
    Layout(forge.root).target_seal.write_text("")
    with pytest.raises(Refused, match="is a target of a migration"):
        create_adoption(forge, units).release()


def test_a_machine_that_was_never_adopted_has_nothing_to_release(forge: Server, units: FakeUnits) -> None:
    before = read_everything(forge.root)
    assert create_adoption(forge, units).release() == {"changed": False, "kept": []}
    assert read_everything(forge.root) == before


def test_a_proxy_without_its_files_is_named_before_any_change(forge: Server, units: FakeUnits) -> None:
    shutil.rmtree(forge.root / "opt/cutover")
    before = read_everything(forge.root)
    with pytest.raises(NotConfigured, match=r"the proxy's file target\.cfg is not on this machine") as error:
        adopt(forge, units)
    assert "prepare_source.yml" in error.value.next_action
    assert read_everything(forge.root) == before


def test_a_header_that_signs_users_in_must_be_deleted_by_the_proxy(forge: Server, units: FakeUnits) -> None:
    forge.app_ini.write_text(
        forge.app_ini.read_text()
        + "[auth]\nENABLE_REVERSE_PROXY_AUTHENTICATION = true\nREVERSE_PROXY_AUTHENTICATION_HEADER = X-Forge-User\n"
    )
    with pytest.raises(NotConfigured, match="does not delete X-Forge-User"):
        adopt(forge, units)


def test_a_damaged_journal_is_named(forge: Server, units: FakeUnits) -> None:
    adopt(forge, units)
    (forge.root / "var/lib/cutover/adopted/state.json").write_text("{")
    with pytest.raises(NotConfigured, match=r"state\.json is damaged"):
        create_adoption(forge, units)


def test_a_unit_that_cannot_be_stopped_keeps_nothing_else_from_being_undone(forge: Server, units: FakeUnits) -> None:
    before = forge.app_ini.read_bytes()
    adopt(forge, units)
    units.failing = "gogs.service"
    with pytest.raises(SiteError, match=r"not everything could be undone: gogs\.service does not start"):
        release(forge, units)
    assert forge.app_ini.read_bytes() == before
    units.failing = ""
    release(forge, units)
    assert units.read("gogs.service").is_active
    assert not (forge.root / "var/lib/cutover/adopted").exists()


def test_a_database_server_alone_gets_its_site_file_and_the_table_of_markers(forge: Server, units: FakeUnits) -> None:
    identity = type(IDENTITY)("forge", "us-east-1", "i-2", ("source-database",))
    changes, proposal = create_adoption(forge, units).plan(identity, has_application=False)
    assert proposal is None
    assert [change.name for change in changes] == [
        "/etc/cutover/site.json",
        "/var/lib/cutover/configured-for",
        "table cutover.marker",
    ]


def test_the_plan_names_no_secret_and_changes_nothing(forge: Server, units: FakeUnits) -> None:
    before = read_everything(forge.root)
    changes, _proposal = create_adoption(forge, units).plan(IDENTITY, has_application=True)
    assert "key-of-the-site" not in repr(changes)
    (settings,) = [one for one in changes if isinstance(one, FileChange) and one.is_settings]
    assert "[server] HTTP_PORT = (default)" in settings.before
    assert "3001" in settings.after
    assert all(change.why and change.before and change.after for change in changes)
    assert sum(isinstance(change, UnitChange) for change in changes) == 7 + 4
    assert read_everything(forge.root) == before
    assert PROFILE.title == "Gogs"
    forget_site_file()
