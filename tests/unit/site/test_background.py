"""Gogs is restarted in the freeze only where a mirror may be fetched before the run ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
import pytest
from cutover_site.gogs import background, deliveries


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """The horizons that were asked for; there is one mirror, which is due in a week."""
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


def test_a_mirror_that_is_not_due_costs_no_restart(asked: list[int | None]) -> None:
    machine: Any = None
    assert not background.stop(machine, git_ended=False)
    assert asked == [background.HORIZON_SECONDS]


@pytest.mark.usefixtures("asked")
def test_webhooks_are_held_before_gogs_may_start_again(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(deliveries, "hold", lambda _connection: done.append("held"))
    monkeypatch.setattr(background, "_set_background", lambda _machine, *, on: done.append(f"background {on}"))
    machine: Any = None
    background.stop(machine, git_ended=True)
    assert done == ["held", "background False"]


def _locked(_connection: object) -> int:
    raise pymysql.err.OperationalError(1205, "Lock wait timeout exceeded")


@pytest.mark.usefixtures("asked")
def test_neither_a_window_nor_a_thaw_is_given_up_for_a_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("hold", "release_on_source"):
        monkeypatch.setattr(deliveries, name, _locked)
    machine: Any = None
    assert background.stop(machine, git_ended=True)
    background.release_webhooks(machine)


def test_git_that_was_at_work_may_have_been_a_queue_of_mirrors(asked: list[int | None]) -> None:
    machine: Any = None
    assert background.stop(machine, git_ended=True)
    assert asked == [None]


def test_mirrors_are_counted_in_the_sites_schema(monkeypatch: pytest.MonkeyPatch) -> None:
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
