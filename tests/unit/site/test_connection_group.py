"""Several connections to one server: all are closed, and one is enough."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cutover_site.database.connection_group import MAX_CONNECTIONS, connect_several
from cutover_site.database.connections import DatabaseUnreachable
from cutover_site.database.login import DatabaseLogin

LOGIN = DatabaseLogin(host="db", port=3306, user="dms", password="x", verify=False)


class Server:
    def __init__(self, most: int) -> None:
        self.open: list[int] = []
        self.opened = 0
        self._most = most

    @contextmanager
    def connect(self, login: DatabaseLogin) -> Iterator[Any]:
        if self.opened == self._most:
            raise DatabaseUnreachable(f"{login!r}: Too many connections")
        self.opened += 1
        self.open.append(self.opened)
        try:
            yield self.opened
        finally:
            self.open.pop()


@pytest.mark.parametrize(("count", "opened"), [(0, 1), (1, 1), (3, 3), (64, MAX_CONNECTIONS)])
def test_as_many_connections_are_opened_as_are_wanted_within_the_limit(count: int, opened: int) -> None:
    server = Server(most=99)
    with connect_several(LOGIN, count, server.connect) as connections:
        assert len(connections) == len(server.open) == opened
    assert not server.open


def test_a_server_that_has_no_further_connection_is_read_with_those_that_it_has() -> None:
    server = Server(most=2)
    with connect_several(LOGIN, 4, server.connect) as connections:
        assert len(connections) == 2
    assert not server.open


def test_a_server_that_refuses_the_first_connection_is_unreachable() -> None:
    with (
        pytest.raises(DatabaseUnreachable, match="Too many connections"),
        connect_several(LOGIN, 4, Server(most=0).connect),
    ):
        pass


def test_an_error_in_the_block_closes_all_connections() -> None:
    server = Server(most=99)
    with pytest.raises(ZeroDivisionError), connect_several(LOGIN, 3, server.connect):
        raise ZeroDivisionError
    assert not server.open
