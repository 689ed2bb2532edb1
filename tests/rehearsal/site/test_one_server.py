"""One server with both roles, with a real proxy and database server: freeze, thaw, dead man's switch, by the verbs."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cutover_site.aws.run_record import Decision
from cutover_site.cli import build_parser
from cutover_site.database import freeze as database_freeze
from cutover_site.database.connections import connect, connect_as_root, execute, fetch_value
from cutover_site.database.site_logins import read_source_application_login
from cutover_site.errors import Refused
from cutover_site.freeze import lease
from cutover_site.freeze.store import FreezeStore, open_database_store
from cutover_site.machine import Machine
from cutover_site.verbs import ALL

from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.marker import render_marker_table
from tests.rehearsal.site.background import send, wait_until_held
from tests.rehearsal.site.front import Front
from tests.rehearsal.site.run_record import Record
from tests.rehearsal.site.units_elsewhere import replace_units

pytestmark = pytest.mark.rehearsal

RUN, NODE, PASSWORD = "run-1", "mi-0a1b2c3d4e5f60718", "of a test"
BOTH = ["source-app", "source-database"]
VMWARE = {"sys_vendor": "VMware, Inc.", "product_uuid": "564d0000-1111-2222-3333-444455556666"}
PARSER = build_parser(ALL, ["ssh"])
VERBS = {verb.name: verb for verb in ALL}


def run(machine: Machine, verb: str, *options: str) -> dict[str, Any]:
    """Run a verb of the command line."""
    parsed: argparse.Namespace = PARSER.parse_args([verb, *options])
    return VERBS[verb].run(machine, parsed)


@pytest.fixture
def machine(server: DatabaseServer, front: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Return a hybrid node with both roles, with the proxy `front` and the database `server`.

    Its units are not of this machine.
    """
    layout = server.build_layout(tmp_path)
    login = server.build_login("gogs", PASSWORD)
    layout.site_file.parent.mkdir(parents=True)
    layout.site_file.write_text(
        json.dumps(
            {"site": "s", "region": "eu-west-1", "node_id": NODE, "roles": BOTH}
            | {"source_database": {"host": login.host, "port": login.port, "secret": "application"}}
        )
    )
    (dmi := tmp_path / "sys/class/dmi/id").mkdir(parents=True)
    for name, value in VMWARE.items():
        (dmi / name).write_text(value)
    made = Machine(layout)
    secret = {"username": "gogs", "password": PASSWORD}
    made.__dict__ |= {"record": Record(RUN), "aws": SimpleNamespace(read_secret=lambda _name: secret)}
    replace_units(front, monkeypatch)
    with connect_as_root(layout) as root:
        execute(root, "SET GLOBAL read_only = OFF")
        for name in ("gogs", "cutover"):
            execute(root, f"DROP DATABASE IF EXISTS {name}")
            execute(root, f"CREATE DATABASE {name}")
        execute(root, render_marker_table())
        execute(root, "CREATE TABLE gogs.action (id INT AUTO_INCREMENT PRIMARY KEY, v INT)")
        execute(root, "DROP USER IF EXISTS gogs@'%'")
        execute(root, f"CREATE USER gogs@'%' IDENTIFIED BY '{PASSWORD}'")
        execute(root, "GRANT ALL PRIVILEGES ON gogs.* TO gogs@'%'")
        yield made
        database_freeze.resume_writes(root, layout)
        execute(root, "DROP USER IF EXISTS gogs@'%'")


def freeze_both(machine: Machine, lease_seconds: int = 600) -> dict[str, Any]:
    run(machine, "freeze", "--run", RUN, "--lease", str(lease_seconds))
    return run(machine, "freeze-database", "--run", RUN)


def is_read_only(machine: Machine) -> bool:
    with connect_as_root(machine.layout) as root:
        return bool(int(fetch_value(root, "SELECT @@GLOBAL.read_only")))


def read_states(machine: Machine) -> tuple[str, str]:
    return FreezeStore(machine.layout.freeze_file).read().name, open_database_store(machine).read().name


def test_a_held_write_arrives_after_one_thaw_of_both(machine: Machine, front: Front) -> None:
    frozen = freeze_both(machine)
    assert frozen["marker"] == RUN
    assert "OnCalendar=" in (machine.layout.root / lease.DROP_IN).read_text()  # the database keeps the end of the lease
    run(machine, "prove-frozen", "--run", RUN)
    held = send(front, "POST", "/alice/app/issues")
    wait_until_held(front, 1)
    assert (is_read_only(machine), read_states(machine)) == (True, ("frozen", "frozen"))

    facts = run(machine, "thaw", "--run", RUN)

    assert held.end() == 200
    assert (facts["held"], facts["mode"], facts["database"]["read_only"]) == (1, "open", False)
    assert (is_read_only(machine), read_states(machine)) == (False, ("open", "open"))
    with connect(read_source_application_login(machine)) as application:
        execute(application, "INSERT INTO gogs.action (v) VALUES (1)")
    assert not (machine.layout.root / lease.DROP_IN).exists()


def test_the_end_of_the_lease_opens_both(machine: Machine, front: Front) -> None:
    freeze_both(machine, lease_seconds=1)
    held = send(front, "POST", "/x")
    wait_until_held(front, 1)
    time.sleep(1.1)  # the lease is a time on the clock
    facts = run(machine, "lease")
    assert (facts["action"], machine.record.read().decision) == ("thaw", "thaw")
    assert held.end() == 200
    assert (is_read_only(machine), read_states(machine)) == (False, ("open", "open"))


def test_a_committed_run_is_opened_by_nobody(machine: Machine) -> None:
    freeze_both(machine, lease_seconds=1)
    record: Any = machine.record
    record.decision = Decision(RUN, "commit")
    time.sleep(1.1)  # the lease is a time on the clock
    facts = run(machine, "lease")
    assert (facts["action"], facts["database"]["action"]) == ("stay", "stay")
    store = FreezeStore(machine.layout.freeze_file)
    store.write(store.read().forward(RUN))
    with pytest.raises(Refused, match="moved"):
        run(machine, "thaw", "--run", RUN)
    assert (is_read_only(machine), read_states(machine)) == (True, ("forward", "frozen"))
