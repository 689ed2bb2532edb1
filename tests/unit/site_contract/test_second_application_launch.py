"""A launched copy of the second application becomes a server of the target site: configured, served, imaged, compared. The tests use temporary roots."""

from __future__ import annotations

import argparse
import importlib
import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from applications.profile import Profile
from cutover_site import health
from cutover_site.aws.run_record import Decision
from cutover_site.configured_for import read_configured_for
from cutover_site.errors import NotConfigured, SiteError
from cutover_site.files import efs, program
from cutover_site.launch import image, post_launch, serve, source
from cutover_site.launch.secrets import find_known_secrets
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.system import systemd
from cutover_site.verbs import identity

from tests.second_application import NAME, second_application

REPLICATION = {
    "site_secret": "site", "database_app_secret": "app", "source_database_secret": "reader", "database_endpoint": "rds.example.com",
    "database_port": 3306,
}  # fmt: skip
Make = Callable[[str], Machine]


@pytest.fixture
def profile() -> Iterator[Profile]:
    with second_application() as found:
        yield found


@pytest.fixture
def log(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the calls of the application's hooks that hold and send outbound work."""
    done: list[str] = []
    behavior = importlib.import_module(profile.tool)
    for name in ("hold_target_outbound", "release_target_outbound"):
        monkeypatch.setattr(behavior, name, partial(record_call, done, name))
    return done


def record_call(done: list[str], name: str, _machine: Machine) -> int:
    done.append(name)
    return 1


@pytest.fixture
def units(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the commands to systemd. systemd, HAProxy and the shared file system are fakes; running units are healthy."""
    done: list[str] = []
    running: set[str] = set()

    def start(unit: str, **_: object) -> None:
        done.append(f"start {unit}")
        running.add(unit)

    def stop(unit: str) -> None:
        done.append(f"stop {unit}")
        running.discard(unit)

    def find_application_problem(application: Profile) -> str:
        return "" if running.issuperset(application.units) else "it does not respond"

    monkeypatch.setattr(systemd, "start", start)
    monkeypatch.setattr(systemd, "stop", stop)
    monkeypatch.setattr(health, "find_application_problem", find_application_problem)
    for name in ("disable", "enable"):
        monkeypatch.setattr(systemd, name, lambda _unit, **_: None)
    monkeypatch.setattr(systemd, "reload_unit_files", lambda: None)
    monkeypatch.setattr(systemd, "is_active", lambda _unit: False)
    for name in ("mount", "bind", "unbind", "unmount"):
        monkeypatch.setattr(efs, name, lambda *_: None)
    monkeypatch.setattr(health, "find_proxy_problem", lambda: "")
    monkeypatch.setattr(Path, "is_mount", lambda _path: True)
    return done


@pytest.fixture
def secrets() -> dict[str, dict[str, str]]:
    return {
        "site": {"token_key": "generated"},
        "app": {"username": "tiny", "password": "app-pw"},
        "reader": {"username": "dms", "password": "reader-pw"},
        "source-app": {"username": "tiny", "password": "old-pw"},
    }


@pytest.fixture
def make(tmp_path: Path, profile: Profile, secrets: dict[str, dict[str, str]]) -> Make:
    """Return a function that creates a machine of a role, with the application's program on its disk."""

    def made(role: str) -> Machine:
        layout = Layout(tmp_path / role)
        layout.site_file.parent.mkdir(parents=True)
        layout.site_file.write_text(json.dumps({
            "site": "s", "region": "eu-west-1", "role": "source-app", "application": NAME, "site_url": "http://tiny.example.com",
            "site_secret": "site", "source_database": {"host": "10.10.0.5", "port": 3306, "secret": "source-app"},
        }))  # fmt: skip
        assert layout.application is profile
        for name, text in {"opt/tiny/tiny": "program", "opt/tiny/cache/x": role, "etc/tiny/theme.css": "black"}.items():
            (layout.root / name).parent.mkdir(parents=True, exist_ok=True)
            (layout.root / name).write_text(text)
        machine = Machine(layout)
        machine.__dict__.update(
            instance_id=f"i-{role}", tags={"cutover:role": role}, replication=REPLICATION, target={},
            aws=SimpleNamespace(read_secret=lambda name: dict(secrets[name]), store_secret=secrets.__setitem__),
            record=SimpleNamespace(read=lambda: Decision("run-1", "")),
            proxy=SimpleNamespace(
                store=lambda _mode: None,
                switch=lambda _mode: None,
                runtime=SimpleNamespace(mark_application_up=lambda: None),
            ),
        )  # fmt: skip
        return machine

    return made


def read(machine: Machine) -> dict[str, Any]:
    """Return the application's settings through the same path as the application, also on a target with a link below the temporary root."""
    found: dict[str, Any] = json.loads((machine.layout.root / "etc/tiny/settings.json").read_text())
    return found


def write_own(machine: Machine, **settings: str) -> None:
    path = machine.layout.root / "etc/tiny/settings.json"
    path.write_text(json.dumps({"key": "the-sites-own-key", "own": settings}))


def test_a_source_is_adopted_with_its_key_and_its_own_settings(make: Make, secrets: dict[str, dict[str, str]]) -> None:
    machine = make("source-app")
    write_own(machine, theme="dark", mail_password="mail-pw")
    before = dict(secrets["site"])

    assert identity.configure(machine, argparse.Namespace(check=True)) == {"changed": False}
    assert secrets["site"] == before
    assert read_configured_for(machine.layout) is None

    assert source.configure(machine)["changed"]

    assert secrets["site"]["token_key"] == "the-sites-own-key"
    assert secrets["site"]["acceptance_username"] == "checker"
    assert len(secrets["site"]["acceptance_password"]) > 20
    assert json.loads(secrets["site"]["tiny_settings"]) == {"theme": "dark", "mail_password": "mail-pw"}
    found = read(machine)
    assert found["url"] == "http://tiny.example.com/"
    assert (found["host"], found["password"], found["tls"]) == ("10.10.0.5", "old-pw", False)
    assert (found["content"], found["users"]) == ("tiny_content", "tiny_users")
    assert found["works_in_background"]
    owner = read_configured_for(machine.layout)
    assert owner is not None
    assert (owner.instance_id, owner.mode, owner.background) == ("i-source-app", "source", True)

    assert not source.configure(machine)["changed"]


@pytest.fixture
def configured(make: Make) -> Machine:
    """Return a source whose secret is complete."""
    machine = make("source-app")
    write_own(machine, mail_password="mail-pw")
    source.configure(machine)
    return machine


@pytest.mark.usefixtures("configured", "units")
def test_a_launched_replica_runs_on_the_scratch_copy_and_sends_nothing(make: Make) -> None:
    replica = make("replica")
    write_own(replica, theme="of the disk")

    post_launch.remove_source_state(replica)
    post_launch.reconfigure(replica)

    found = read(replica)
    assert (found["content"], found["users"]) == ("tiny_content_scratch", "tiny_users_scratch")
    assert (found["host"], found["tls"]) == ("rds.example.com", True)
    assert not found["sends_mail"]
    assert not found["works_in_background"]
    assert (replica.layout.root / "etc/tiny/settings.json").is_symlink()
    owner = read_configured_for(replica.layout)
    assert owner is not None
    assert (owner.instance_id, owner.mode) == ("i-replica", "scratch")


@pytest.mark.usefixtures("configured", "units")
def test_a_replica_with_another_encryption_key_is_rejected(make: Make) -> None:
    replica = make("replica")
    write_own(replica)
    secret = replica.read_site_secret()
    replica.aws.store_secret("site", {**secret, "token_key": "another"})
    with pytest.raises(NotConfigured, match=r"the key of settings\.json is not the one"):
        post_launch.reconfigure(replica)


@pytest.mark.usefixtures("configured")
def test_a_replicated_disk_without_the_required_content_is_rejected(make: Make, units: list[str]) -> None:
    replica = make("replica")
    (replica.layout.shared / "pictures").mkdir(parents=True)
    with pytest.raises(SiteError, match="srv/tiny/uploads/pictures is empty on the replicated disk"):
        post_launch.copy_files(replica, "scratch")
    assert units == []


@pytest.mark.usefixtures("configured")
def test_a_target_serves_the_scratch_copy_and_then_the_live_data(make: Make, units: list[str], log: list[str]) -> None:
    target = make("target")

    assert serve.serve(target, "scratch").switched
    assert units[-3:] == ["start tiny.service", "start tiny-worker.service", "start haproxy.service"]
    assert read(target)["users"] == "tiny_users_scratch"
    assert read(target)["own"] == {"mail_password": "mail-pw"}
    assert not serve.serve(target, "scratch").switched
    assert log == []

    units.clear()
    assert serve.stage(target, "live").switched
    assert units == ["stop tiny-worker.service", "stop tiny.service", "start haproxy.service"]
    assert read(target)["users"] == "tiny_users"
    assert read(target)["works_in_background"]
    assert log == []

    assert serve.serve(target, "live").background
    assert units[3:5] == ["start tiny.service", "start tiny-worker.service"]
    assert log == ["hold_target_outbound"]


@pytest.mark.usefixtures("configured", "units")
def test_outbound_work_of_a_target_is_held_until_the_commit(make: Make, log: list[str]) -> None:
    target = make("target")
    serve.serve(target, "live")
    serve.reconcile_background(target)
    assert log == ["hold_target_outbound"]

    target.__dict__["record"] = SimpleNamespace(read=lambda: Decision("run-1", "commit"))
    serve.reconcile_background(target)
    serve.reconcile_background(target)
    assert log == ["hold_target_outbound", "release_target_outbound"]


@pytest.mark.usefixtures("configured", "units")
def test_an_image_of_the_second_application_contains_no_settings(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    replica = make("replica")
    write_own(replica, mail_password="mail-pw")
    monkeypatch.setattr(image, "discard_free_blocks", lambda _root: "discarded")
    monkeypatch.setattr(Path, "is_mount", lambda _path: False)
    (replica.layout.shared / "pictures").mkdir(parents=True)
    post_launch.reconfigure(replica)

    assert image.prepare_image(replica)["sealed"]

    settings = replica.layout.root / "etc/tiny/settings.json"
    assert settings.is_symlink()
    assert not settings.exists()
    assert (replica.layout.root / "opt/tiny/tiny").exists()
    assert list(replica.layout.shared.iterdir()) == []


@pytest.mark.usefixtures("units")
def test_program_and_settings_of_the_second_application_are_compared(make: Make, configured: Machine) -> None:
    target = make("target")
    serve.serve(target, "scratch")
    before = program.digest_program(configured)
    assert program.digest_program(target) == before
    assert set(before) == {"settings that are the site's own", "opt/tiny/tiny", "etc/tiny/theme.css"}

    (configured.layout.root / "etc/tiny/theme.css").write_text("grey")
    shutil.copy("/dev/null", configured.layout.root / "opt/tiny/plugin")
    own = read(configured)
    own["own"]["theme"] = "dark"
    (configured.layout.root / "etc/tiny/settings.json").write_text(json.dumps(own))

    after = program.digest_program(configured)
    assert {name for name in after if after[name] != before.get(name)} == {
        "settings that are the site's own", "opt/tiny/plugin", "etc/tiny/theme.css",
    }  # fmt: skip


@pytest.mark.usefixtures("units")
def test_the_secrets_of_the_second_application_are_known_to_the_log_scrubber(make: Make, configured: Machine) -> None:
    target = make("target")
    serve.serve(target, "scratch")
    found = find_known_secrets(target)
    assert {
        "the-sites-own-key",
        "app-pw",
        "mail-pw",
        configured.read_site_secret("site")["acceptance_password"],
    } <= found
    assert found.isdisjoint({"checker", "tiny", "{}"})
