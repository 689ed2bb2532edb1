"""Where the libraries of older distributions do less than they seem to."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pymysql
import pytest
from cutover_site.aws.session import Aws
from cutover_site.database import connections, freeze
from cutover_site.database.connections import DatabaseLogin, DatabaseUnreachable
from cutover_site.errors import SiteError
from cutover_site.layout import Layout
from cutover_site.prefork import preload

SERVER = DatabaseLogin(host="db", port=3306, user="gogs", password="p", verify=True)


class Connected:
    """What PyMySQL returns. Before 1.2 it goes on without TLS when the server offers none, also when a context was given."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self.closed = False

    def cursor(self) -> Any:
        raise AssertionError("nothing is asked over this connection")

    def close(self) -> None:
        self.closed = True


def test_a_target_that_offers_no_tls_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Connected(secure=False)
    monkeypatch.setattr(pymysql, "connect", lambda *_, **__: plain)
    with pytest.raises(DatabaseUnreachable, match="no TLS"), connections.connect(SERVER):
        pass
    assert plain.closed


def test_forks_share_no_connection_of_a_client_that_cannot_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore before 1.28 has no `close`: its clients are replaced by ones that have not connected yet."""
    used: list[object] = []
    aws = Aws(site="gogs", region="us-east-1")
    monkeypatch.setattr(aws._session, "client", lambda *_, **__: object())
    machine: Any = SimpleNamespace(
        layout=Layout(),
        aws=aws,
        role="source-app",
        name="source-app i-1",
        replication={},
        config=SimpleNamespace(source_database=None),
    )
    monkeypatch.setattr(preload, "_load_facts", lambda _machine: used.append(aws.get_client("dynamodb")))

    preload.preload(machine)

    assert aws.get_client("dynamodb") not in used


@pytest.mark.parametrize("error", [pymysql.err.OperationalError, pymysql.err.InternalError])
def test_a_lock_that_is_waited_for_too_long_is_one_sentence(
    error: type[pymysql.err.MySQLError], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PyMySQL before 1.0 raises InternalError for 1205."""

    def execute(_connection: object, statement: str) -> int:
        if "read_only" in statement:
            raise error(1205, "Lock wait timeout exceeded")
        return 0

    monkeypatch.setattr(freeze, "execute", execute)
    monkeypatch.setattr(freeze, "end_writers", lambda *_, **__: 0)
    connection: Any = object()
    with pytest.raises(SiteError, match="cannot become read-only: Lock wait timeout"):
        freeze._set_read_only(connection)


def test_what_the_server_refuses_is_caught_under_both_of_its_names() -> None:
    package = Path(freeze.__file__).parents[1]
    alone = [
        f"{path.relative_to(package)}: {line.strip()}"
        for path in package.rglob("*.py")
        for line in path.read_text().splitlines()
        if line.lstrip().startswith("except") and "OperationalError" in line and "InternalError" not in line
    ]
    assert alone == [], "use connections.SERVER_ERRORS"
