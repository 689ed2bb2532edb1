"""The freeze restarts Gogs only when a mirror may be fetched before the run ends."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pymysql
import pytest
from cutover_site import service
from cutover_site.configured_for import ConfiguredFor, write_configured_for
from cutover_site.gogs import background, deliveries, settings_file
from cutover_site.gogs.app_ini import Instance
from cutover_site.layout import Layout


def restart(machine: object, *, on: bool) -> bool:  # noqa: ARG001 (the interface's)
    """Report a restart when the background work is turned off."""
    return not on


@pytest.fixture
def requested_horizons(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """Return the requested horizons. There is one mirror, which is due in a week."""
    horizons: list[int | None] = []

    @contextmanager
    def connect(*_: object, **__: object) -> Iterator[None]:
        yield

    def count_due_mirrors(_connection: object, horizon: int | None, schema: str) -> int:
        assert schema == "gogs"
        horizons.append(horizon)
        return 1 if horizon is None or horizon > 7 * 86400 else 0

    monkeypatch.setattr(background, "connect", connect)
    monkeypatch.setattr(background, "read_source_application_login", lambda _machine: None)
    monkeypatch.setattr(background, "count_due_mirrors", count_due_mirrors)
    monkeypatch.setattr(deliveries, "hold", lambda _connection, _schema: 0)
    return horizons


def test_a_mirror_that_is_not_due_causes_no_restart(requested_horizons: list[int | None]) -> None:
    machine: Any = SimpleNamespace(layout=Layout())
    assert not background.stop(machine, git_ended=False, switch=restart)
    assert requested_horizons == [background.HORIZON_SECONDS]


@pytest.mark.usefixtures("requested_horizons")
def test_webhooks_are_held_before_gogs_restarts(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(deliveries, "hold", lambda _connection, _schema: done.append("held"))

    def switch(machine: object, *, on: bool) -> bool:  # noqa: ARG001
        done.append(f"background {on}")
        return True

    machine: Any = SimpleNamespace(layout=Layout())
    background.stop(machine, git_ended=True, switch=switch)
    assert done == ["held", "background False"]


def time_out_on_lock(_connection: object, *_: object) -> int:
    raise pymysql.err.OperationalError(1205, "Lock wait timeout exceeded")


@pytest.mark.usefixtures("requested_horizons")
def test_a_locked_table_of_webhooks_stops_neither_freeze_nor_thaw(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("hold", "release_on_source"):
        monkeypatch.setattr(deliveries, name, time_out_on_lock)
    machine: Any = SimpleNamespace(layout=Layout())
    assert background.stop(machine, git_ended=True, switch=restart)
    background.release_webhooks(machine)


def test_any_mirror_counts_as_due_after_git_processes_were_ended(requested_horizons: list[int | None]) -> None:
    machine: Any = SimpleNamespace(layout=Layout())
    assert background.stop(machine, git_ended=True, switch=restart)
    assert requested_horizons == [None]


@dataclass
class Described:
    background: bool


@pytest.fixture
def restarts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what a restart of Gogs did, in order."""
    done: list[str] = []
    monkeypatch.setattr(background, "describe_source", lambda _machine: None)
    monkeypatch.setattr(Instance, "from_settings", lambda _settings: Described(background=True))
    monkeypatch.setattr(
        settings_file, "write_app_ini", lambda _layout, one, **_: done.append(f"background {one.background}")
    )
    for name in ("stop", "start"):
        monkeypatch.setattr(service, name, lambda _application, name=name: done.append(name))
    return done


def test_a_restart_is_repeated_until_it_was_complete(
    tmp_path: Path, restarts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine: Any = SimpleNamespace(layout=Layout(tmp_path), instance_id="i-1")
    write_configured_for(machine.layout, ConfiguredFor("i-1", "source", background=True))

    def crash(_application: object) -> None:
        raise RuntimeError("the machine lost power")

    with monkeypatch.context() as patch:
        patch.setattr(service, "start", crash)
        with pytest.raises(RuntimeError, match="lost power"):
            background.set_background(machine, on=False)
    assert background.set_background(machine, on=False)
    assert not background.set_background(machine, on=False)

    assert restarts == ["background False", "stop"] * 2 + ["start"]


@pytest.mark.parametrize(("horizon_seconds", "due"), [(None, 3), (60, 2), (14 * 86400, 3)])
def test_mirrors_that_are_due_are_counted_in_the_schema_of_the_site(
    monkeypatch: pytest.MonkeyPatch, horizon_seconds: int | None, due: int
) -> None:
    """The test uses SQLite, because the query is standard SQL."""
    now = int(time.time())
    with closing(sqlite3.connect(":memory:")) as database:
        for schema, times in {"forge": [now - 10, now + 30, now + 7 * 86400], "gogs": [now] * 9}.items():
            database.execute(f"ATTACH ':memory:' AS {schema}")
            database.execute(f"CREATE TABLE {schema}.mirror (next_update_unix INTEGER)")
            database.executemany(f"INSERT INTO {schema}.mirror VALUES (?)", [(one,) for one in times])

        def fetch_value(_connection: object, query: str, arguments: tuple[object, ...] = ()) -> Any:
            return database.execute(query.replace("%s", "?"), arguments).fetchone()[0]

        monkeypatch.setattr(background, "fetch_value", fetch_value)
        connection: Any = None

        assert background.count_due_mirrors(connection, horizon_seconds, "forge") == due
