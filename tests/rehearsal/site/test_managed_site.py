"""The verbs on an application server whose database is a managed one: freeze, proof, thaw, dead man's switch."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.cli import build_parser
from cutover_site.database import managed_freeze
from cutover_site.database.connections import DatabaseUnreachable, connect, execute
from cutover_site.database.site_logins import read_source_application_login
from cutover_site.errors import NotConfigured, Refused, SiteError
from cutover_site.freeze.application_server import ApplicationServer
from cutover_site.freeze.store import FreezeStore, open_database_store
from cutover_site.launch.database_copy import has_copy
from cutover_site.layout import Layout
from cutover_site.machine import Machine
from cutover_site.verbs import ALL
from cutover_site.verbs.source import check

from tests.rehearsal.database_servers.managed import MASTER, make_managed
from tests.rehearsal.database_servers.products import MYSQL
from tests.rehearsal.database_servers.server import PASSWORD, SOURCE_OPTIONS, DatabaseServer, running
from tests.rehearsal.site.background import send, wait_until_held
from tests.rehearsal.site.front import Front
from tests.rehearsal.site.run_record import Record
from tests.rehearsal.site.units_elsewhere import replace_units

pytestmark = pytest.mark.rehearsal

RUN, NODE = "run-1", "mi-0a1b2c3d4e5f60718"
PARSER = build_parser(ALL, ["ssh"])
VERBS = {verb.name: verb for verb in ALL}
SECRETS = {
    "application": {"username": "gogs", "password": PASSWORD},
    "administrator": {"username": MASTER, "password": PASSWORD},
}


@pytest.fixture(scope="module")
def rds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    with running(MYSQL, tmp_path_factory.mktemp("managed"), *SOURCE_OPTIONS, tls=True) as server:
        yield server


@pytest.fixture
def secrets() -> dict[str, dict[str, str]]:
    """Return what Secrets Manager has; a test may remove one."""
    return dict(SECRETS)


@pytest.fixture
def machine(
    rds: DatabaseServer,
    front: Front,
    tmp_path: Path,
    secrets: dict[str, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> Machine:
    """Return a node with both roles, whose database is `rds`.

    Its units are not of this machine, and it has no socket of a database.
    """
    make_managed(rds)
    rds.run(
        *(
            statement
            for name in ("gogs", "cutover")
            for statement in (f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
        ),
        "CREATE TABLE cutover.marker (run_id VARCHAR(64) PRIMARY KEY, written_unix BIGINT)",
        "CREATE TABLE gogs.action (id INT AUTO_INCREMENT PRIMARY KEY, v INT)",
        "DROP USER IF EXISTS gogs@'%'",
        f"CREATE USER gogs@'%' IDENTIFIED BY '{PASSWORD}'",
        "GRANT ALL PRIVILEGES ON gogs.* TO gogs@'%'",
    )
    made = Machine(write_site_file(tmp_path, rds.port))

    def read_secret(name: str) -> dict[str, str]:
        if name not in secrets:
            raise NotConfigured(f"secret {name} cannot be read: no route")
        return secrets[name]

    made.__dict__ |= {
        "record": Record(RUN),
        "aws": SimpleNamespace(read_secret=read_secret, forget_secret=lambda _name: False),
    }
    made.__dict__["replication"] = {"source_database_host": "127.0.0.1", "source_database_port": rds.port}
    made.__dict__ |= {"roles": made.config.roles, "instance_id": NODE}
    replace_units(front, monkeypatch)
    return made


def write_site_file(folder: Path, port: int) -> Layout:
    """Return the layout of a machine whose site.json names the managed server."""
    layout = Layout(folder)
    layout.site_file.parent.mkdir(parents=True)
    administrator = {"secret": "administrator", "tls": "encrypt"}
    database = {"host": "127.0.0.1", "port": port, "secret": "application", "administrator": administrator}
    facts = {"site": "s", "region": "eu-west-1", "node_id": NODE, "roles": ["source-app", "source-database"]}
    layout.site_file.write_text(json.dumps({**facts, "source_database": database}))
    return layout


def run(machine: Machine, verb: str, *options: str) -> dict[str, Any]:
    """Run a verb of the command line."""
    parsed: argparse.Namespace = PARSER.parse_args([verb, *options])
    return VERBS[verb].run(machine, parsed)


def freeze_both(machine: Machine, lease_seconds: int = 600) -> dict[str, Any]:
    since = run(machine, "changed-tables")["position"]
    run(machine, "freeze", "--run", RUN, "--lease", str(lease_seconds))
    return run(machine, "freeze-database", "--run", RUN, "--since", since)


def is_closed(rds: DatabaseServer) -> bool:
    with rds.connect_root() as root:
        return managed_freeze.is_closed(root, ["gogs"])


def read_states(machine: Machine) -> tuple[str, str]:
    return FreezeStore(machine.layout.freeze_file).read().name, open_database_store(machine).read().name


def test_a_held_write_arrives_after_one_thaw_of_both(machine: Machine, rds: DatabaseServer, front: Front) -> None:
    frozen = freeze_both(machine)
    assert (frozen["marker"], frozen["tables"], frozen["other_statements"]) == (RUN, [], 0)
    run(machine, "prove-frozen", "--run", RUN)
    held = send(front, "POST", "/alice/app/issues")
    wait_until_held(front, 1)
    assert (is_closed(rds), read_states(machine)) == (True, ("frozen", "frozen"))

    facts = run(machine, "thaw", "--run", RUN)

    assert held.end() == 200
    assert (facts["held"], facts["mode"]) == (1, "open")
    assert (is_closed(rds), read_states(machine)) == (False, ("open", "open"))
    with connect(read_source_application_login(machine)) as application:
        execute(application, "INSERT INTO gogs.action (v) VALUES (1)")


def test_the_end_of_the_lease_opens_both(machine: Machine, rds: DatabaseServer) -> None:
    freeze_both(machine, lease_seconds=1)
    time.sleep(1.1)  # the lease is a time on the clock
    assert run(machine, "lease")["action"] == "thaw"
    assert (is_closed(rds), read_states(machine)) == (False, ("open", "open"))


def test_while_the_database_cannot_be_reached_the_application_stays_closed_and_the_switch_is_repeated(
    machine: Machine, rds: DatabaseServer
) -> None:
    freeze_both(machine, lease_seconds=1)
    time.sleep(1.1)  # the lease is a time on the clock
    rds.stop(kill=True)
    with pytest.raises(DatabaseUnreachable):
        run(machine, "lease")
    assert (machine.record.read().decision, read_states(machine)) == ("thaw", ("frozen", "frozen"))
    rds.start()
    assert run(machine, "lease")["action"] == "thaw"
    assert (is_closed(rds), read_states(machine)) == (False, ("open", "open"))


def test_without_the_secret_the_switch_is_repeated(
    machine: Machine, rds: DatabaseServer, secrets: dict[str, dict[str, str]]
) -> None:
    freeze_both(machine, lease_seconds=1)
    time.sleep(1.1)  # the lease is a time on the clock
    administrator = secrets.pop("administrator")
    with pytest.raises(SiteError, match="administrator"):
        run(machine, "lease")
    secrets["administrator"] = administrator
    run(machine, "lease")
    assert (is_closed(rds), read_states(machine)) == (False, ("open", "open"))


def test_a_password_that_changed_while_a_worker_had_it_is_read_again(machine: Machine, rds: DatabaseServer) -> None:
    now = [{"username": MASTER, "password": "before the rotation"}, SECRETS["administrator"]]

    def forget_secret(_name: str) -> bool:
        now.pop(0)
        return True

    machine.__dict__["aws"] = SimpleNamespace(read_secret=lambda _name: now[0], forget_secret=forget_secret)
    assert run(machine, "changed-tables")["position"]
    assert not is_closed(rds)


def test_the_application_does_not_open_while_its_schema_is_read_only(machine: Machine) -> None:
    freeze_both(machine)
    with pytest.raises(Refused, match="still read-only"):
        ApplicationServer(machine).resume_source_writes(RUN)
    run(machine, "thaw", "--run", RUN)


def test_check_reports_the_managed_server(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cutover_site.verbs.source._check_application", lambda _machine: {})
    facts = check(machine, argparse.Namespace())
    assert (facts["database"]["managed_problems"], facts["database"]["binlog_format"]) == ([], "ROW")
    assert "/var/lib/mysql" not in facts["disks"]


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({}, "no managed database"),
        (
            {"source_database_host": "other.example.com", "source_database_port": 3306},
            "the managed database other.example.com:3306",
        ),
    ],
)
def test_another_database_in_the_settings_is_refused(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, facts: dict[str, Any], named: str
) -> None:
    monkeypatch.setattr("cutover_site.verbs.source._check_application", lambda _machine: {})
    machine.__dict__["replication"] = facts
    with pytest.raises(Refused, match=f"migration.toml names {named}"):
        check(machine, argparse.Namespace())


def test_a_machine_without_the_administrator_is_refused(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cutover_site.verbs.source._check_application", lambda _machine: {})
    database = machine.config.source_database
    assert database is not None
    machine.__dict__["config"] = replace(machine.config, source_database=replace(database, administrator=None))
    with pytest.raises(Refused, match="adopted without its administrator"):
        check(machine, argparse.Namespace())


def test_a_disk_without_the_database_has_no_copy_of_it(machine: Machine) -> None:
    assert not has_copy(machine)
