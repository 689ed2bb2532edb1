"""A target that starts on the live data delivers no webhook before the commit, and each of them after it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pymysql
import pytest
import requests
from applications.gogs.profile import PROFILE
from cutover_site.aws.run_record import Decision, RunRecordUnreachable
from cutover_site.errors import SiteError
from cutover_site.gogs import deliveries
from cutover_site.launch import outbound
from cutover_site.layout import Layout

from tests.gogs_standin.served.servers import Gogs
from tests.rehearsal.ports import find_free_port

pytestmark = pytest.mark.rehearsal
SECONDS = 30


class Record:
    """A run record with a fixed decision, or one that cannot be read."""

    def __init__(self) -> None:
        self.found: Decision | RunRecordUnreachable = Decision("run-1", "")

    def read(self) -> Decision:
        if isinstance(self.found, RunRecordUnreachable):
            raise self.found
        return self.found


@pytest.fixture
def machine(gogs: Gogs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    @contextmanager
    def connect(*_: object, **__: object) -> Iterator[Any]:
        with pymysql.connect(unix_socket=str(gogs.database.socket), user="root", autocommit=True) as connection:
            yield connection

    monkeypatch.setattr(deliveries, "connect", connect)
    monkeypatch.setattr(deliveries, "read_target_application_login", lambda _machine: None)
    profile = replace(PROFILE, database=replace(PROFILE.database, schemas=(gogs.schema,)))
    return SimpleNamespace(record=Record(), layout=Layout(tmp_path, profile))


def set_gogs_port(machine: Any, port: int) -> Any:
    """Return the machine with a Gogs that listens on this port."""
    ports = (replace(PROFILE.http, upstream=port), *PROFILE.tcp)
    machine.layout = Layout(machine.layout.root, replace(machine.layout.application, ports=ports))
    return machine


@pytest.fixture
def receiver() -> Iterator[tuple[int, queue.Queue[str]]]:
    """Start a receiver of webhooks. Return its port and the ids of the received deliveries."""
    came: queue.Queue[str] = queue.Queue()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            came.put(self.headers["X-Gogs-Delivery"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port, came
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def add_pending(gogs: Gogs, receiver: tuple[int, queue.Queue[str]]) -> Callable[[str], None]:
    """Return a function that adds a pending delivery of a repository. The name of the repository is the id of the
    delivery.
    """

    def add(name: str) -> None:
        header = gogs.token()
        requests.post(f"{gogs.url}/api/v1/user/repos", headers=header, json={"name": name}, timeout=20)
        hook = {
            "type": "gogs",
            "config": {"url": f"http://127.0.0.1:{receiver[0]}/", "content_type": "json"},
            "active": True,
        }
        response = requests.post(f"{gogs.url}/api/v1/repos/root/{name}/hooks", headers=header, json=hook, timeout=20)
        assert response.status_code == 201, response.text
        gogs.database.run(
            f"INSERT INTO {gogs.schema}.hook_task (hook_id, repo_id, uuid, url, signature, payload_content,"
            " content_type, event_type, is_delivered)"
            f" SELECT w.id, w.repo_id, r.name, w.url, '', '{{}}', 1, 'push', 0 FROM {gogs.schema}.webhook w"
            f" JOIN {gogs.schema}.repository r ON r.id = w.repo_id WHERE r.name = '{name}'"
        )

    return add


def list_held(gogs: Gogs) -> list[deliveries.Repository]:
    with pymysql.connect(unix_socket=str(gogs.database.socket), user="root", autocommit=True) as connection:
        return deliveries.list_repositories_with_held(connection, gogs.schema)


def count_undelivered(gogs: Gogs) -> int:
    return int(str(gogs.database.run(f"SELECT COUNT(*) FROM {gogs.schema}.hook_task WHERE is_delivered = 0")[0][0]))


def test_webhooks_are_held_before_the_commit_and_delivered_after_it(
    gogs: Gogs, machine: Any, add_pending: Callable[[str], None], receiver: tuple[int, queue.Queue[str]]
) -> None:
    add_pending("one")
    add_pending("two")
    gogs.stop()

    # Given an activated target: its Gogs starts, and pending deliveries are held
    assert outbound.hold_until_commit(machine) == 2
    gogs.start()
    # And a request to deliver all pending webhooks of each repository, as at the start of Gogs
    assert outbound.release_after_commit(set_gogs_port(machine, gogs.http)) == 0
    for repository in list_held(gogs):
        deliveries.trigger_delivery(repository, gogs.http)
    assert count_undelivered(gogs) == 0
    assert receiver[1].empty()
    assert outbound.is_release_due(machine.layout)

    # When the run commits, then each is delivered once
    machine.record.found = Decision("run-1", "commit")
    assert outbound.release_after_commit(set_gogs_port(machine, gogs.http)) == 2
    assert {receiver[1].get(timeout=SECONDS), receiver[1].get(timeout=SECONDS)} == {"one", "two"}
    assert not outbound.is_release_due(machine.layout)
    assert outbound.release_after_commit(set_gogs_port(machine, gogs.http)) == 0
    assert outbound.hold_until_commit(machine) == 0
    assert receiver[1].empty()


@pytest.mark.parametrize(
    "found",
    [Decision("run-1", ""), Decision("run-1", "rollback"), Decision("run-1", "thaw"), RunRecordUnreachable("no table")],
)
def test_webhooks_are_held_while_the_commit_is_not_certain(
    gogs: Gogs, machine: Any, add_pending: Callable[[str], None], found: Decision | RunRecordUnreachable
) -> None:
    add_pending("one")
    machine.record.found = found
    assert outbound.hold_until_commit(machine) == 1
    assert outbound.release_after_commit(set_gogs_port(machine, gogs.http)) == 0
    assert count_undelivered(gogs) == 0


def test_a_webhook_whose_delivery_could_not_be_triggered_is_released_later(
    gogs: Gogs, machine: Any, add_pending: Callable[[str], None], receiver: tuple[int, queue.Queue[str]]
) -> None:
    add_pending("one")
    outbound.hold_until_commit(machine)
    machine.record.found = Decision("run-1", "commit")
    with pytest.raises(SiteError, match="root/one"):
        outbound.release_after_commit(set_gogs_port(machine, find_free_port()))
    assert count_undelivered(gogs) == 0
    assert outbound.release_after_commit(set_gogs_port(machine, gogs.http)) == 1
    assert receiver[1].get(timeout=SECONDS) == "one"


def test_a_starting_server_of_a_committed_site_holds_no_webhook(
    gogs: Gogs, machine: Any, add_pending: Callable[[str], None]
) -> None:
    add_pending("one")
    machine.record.found = Decision("run-1", "commit")
    assert outbound.hold_until_commit(machine) == 0
    assert count_undelivered(gogs) == 1


@pytest.mark.usefixtures("machine")
def test_a_frozen_source_holds_webhooks_and_a_thaw_delivers_them(
    gogs: Gogs, add_pending: Callable[[str], None], receiver: tuple[int, queue.Queue[str]]
) -> None:
    add_pending("one")
    with pymysql.connect(unix_socket=str(gogs.database.socket), user="root", autocommit=True) as connection:
        # When the source is frozen and its Gogs restarts, as on a site with mirrors
        assert deliveries.hold(connection, gogs.schema) == 1
        gogs.stop()
        gogs.start()
        assert count_undelivered(gogs) == 0
        assert receiver[1].empty()

        # Then the thaw triggers the delivery; if Gogs cannot be reached, the next start delivers it
        assert deliveries.release_on_source(connection, find_free_port(), gogs.schema) == 1
        assert count_undelivered(gogs) == 1
        assert deliveries.hold(connection, gogs.schema) == 1
        assert deliveries.release_on_source(connection, gogs.http, gogs.schema) == 1
    assert receiver[1].get(timeout=SECONDS) == "one"


def test_a_delivery_needs_the_key_from_the_database(gogs: Gogs) -> None:
    repository = deliveries.Repository(1, "root", "none", 1, "0" * 32)
    with pytest.raises(SiteError, match="400"):
        deliveries.trigger_delivery(repository, gogs.http)
