"""The freeze restarts Gogs only when a mirror may be fetched before the run ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
import pytest
from cutover_site.gogs import background, deliveries


@pytest.fixture
def requested_horizons(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """Return the requested horizons. There is one mirror, which is due in a week."""
    horizons: list[int | None] = []

    @contextmanager
    def connect(*_: object, **__: object) -> Iterator[None]:
        yield

    def count_due_mirrors(_connection: object, horizon: int | None) -> int:
        horizons.append(horizon)
        return 1 if horizon is None or horizon > 7 * 86400 else 0

    monkeypatch.setattr(background, "connect", connect)
    monkeypatch.setattr(background, "read_source_application_login", lambda _machine: None)
    monkeypatch.setattr(background, "count_due_mirrors", count_due_mirrors)
    monkeypatch.setattr(deliveries, "hold", lambda _connection: 0)
    monkeypatch.setattr(background, "_set_background", lambda _machine, *, on: not on)
    return horizons


def test_a_mirror_that_is_not_due_causes_no_restart(requested_horizons: list[int | None]) -> None:
    machine: Any = None
    assert not background.stop(machine, git_ended=False)
    assert requested_horizons == [background.HORIZON_SECONDS]


@pytest.mark.usefixtures("requested_horizons")
def test_webhooks_are_held_before_gogs_restarts(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(deliveries, "hold", lambda _connection: done.append("held"))
    monkeypatch.setattr(background, "_set_background", lambda _machine, *, on: done.append(f"background {on}"))
    machine: Any = None
    background.stop(machine, git_ended=True)
    assert done == ["held", "background False"]


def time_out_on_lock(_connection: object) -> int:
    raise pymysql.err.OperationalError(1205, "Lock wait timeout exceeded")


@pytest.mark.usefixtures("requested_horizons")
def test_a_locked_table_of_webhooks_stops_neither_freeze_nor_thaw(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("hold", "release_on_source"):
        monkeypatch.setattr(deliveries, name, time_out_on_lock)
    machine: Any = None
    assert background.stop(machine, git_ended=True)
    background.release_webhooks(machine)


def test_any_mirror_counts_as_due_after_git_processes_were_ended(requested_horizons: list[int | None]) -> None:
    machine: Any = None
    assert background.stop(machine, git_ended=True)
    assert requested_horizons == [None]


def test_mirrors_are_counted_in_the_schema_of_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    queries: list[str] = []

    def one(_connection: object, query: str, *_: object) -> int:
        queries.append(query)
        return 0

    monkeypatch.setattr(background, "SCHEMA", "forge")
    monkeypatch.setattr(background, "fetch_value", one)
    connection: Any = None
    for horizon in (None, 60):
        background.count_due_mirrors(connection, horizon)
    assert [query.split(" WHERE")[0] for query in queries] == ["SELECT COUNT(*) FROM forge.mirror"] * 2
