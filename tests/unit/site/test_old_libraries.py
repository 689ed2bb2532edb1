"""Differences in the libraries of older distributions."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pymysql
import pytest
from cutover_site.aws.session import Aws
from cutover_site.database import connections, freeze, lockout
from cutover_site.database.connections import DatabaseUnreachable
from cutover_site.database.login import DatabaseLogin
from cutover_site.errors import SiteError
from cutover_site.layout import Layout
from cutover_site.prefork import preload

SERVER = DatabaseLogin(host="db", port=3306, user="gogs", password="p", verify=True)


class FakeConnection:
    """A connection of PyMySQL. Before 1.2, PyMySQL continues without TLS when the server offers none, even with an SSL context."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self.closed = False

    def cursor(self) -> Any:
        raise AssertionError("this connection must not be used")

    def close(self) -> None:
        self.closed = True


def test_a_target_without_tls_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = FakeConnection(secure=False)
    monkeypatch.setattr(pymysql, "connect", lambda *_, **__: plain)
    with pytest.raises(DatabaseUnreachable, match="no TLS"), connections.connect(SERVER):
        pass
    assert plain.closed


class ReplicatedMachine(SimpleNamespace):
    """A machine that reads the facts of its replication with a client."""

    @property
    def replication(self) -> dict[str, object]:
        self.used.append(self.aws.get_client("dynamodb"))
        return {}


def test_forks_do_not_share_the_connection_of_a_client_without_close(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients of botocore before 1.28 have no `close`, so they are replaced by new clients without a connection."""
    monkeypatch.setattr(boto3.session.Session, "client", lambda *_, **__: object())
    aws = Aws(site="gogs", region="us-east-1")
    machine: Any = ReplicatedMachine(
        layout=Layout(),
        aws=aws,
        roles=("source-app",),
        has_role=lambda role: role == "source-app",
        name="source-app i-1",
        used=[],
        config=SimpleNamespace(source_database=None),
    )

    preload.preload(machine)

    assert machine.used
    assert aws.get_client("dynamodb") not in machine.used


@pytest.mark.parametrize("error", [pymysql.err.OperationalError, pymysql.err.InternalError])
def test_a_lock_wait_timeout_is_one_sentence(
    error: type[pymysql.err.MySQLError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyMySQL before 1.0 raises InternalError for 1205."""

    def execute(_connection: object, statement: str) -> int:
        if "read_only" in statement:
            raise error(1205, "Lock wait timeout exceeded")
        return 0

    monkeypatch.setattr(freeze, "execute", execute)
    monkeypatch.setattr(freeze, "end_writers", lambda *_, **__: 0)
    monkeypatch.setattr(freeze, "refuse_unstoppable_writers", lambda _connection: None)
    monkeypatch.setattr(freeze, "is_mysql", lambda _connection: False)
    monkeypatch.setattr(lockout, "save_event_scheduler", lambda *_: None)
    connection: Any = object()
    with pytest.raises(SiteError, match="cannot become read-only: Lock wait timeout"):
        freeze.stop_writes(connection, Layout(tmp_path), "run-1")


def test_errors_of_the_server_are_caught_under_both_names() -> None:
    package = Path(freeze.__file__).parents[1]
    incomplete = [
        f"{path.relative_to(package)}: {line.strip()}"
        for path in package.rglob("*.py")
        for line in path.read_text().splitlines()
        if line.lstrip().startswith("except") and "OperationalError" in line and "InternalError" not in line
    ]
    assert incomplete == [], "use connections.SERVER_ERRORS"
