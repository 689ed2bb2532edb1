"""Rows that a client writes continuously are replicated byte by byte."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from gogs_standin.store.schema import list_statements

from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.dms.engine import Engine, Json, build_job
from tests.rehearsal.dms.writer import ACCOUNTS, BALANCE, Writer, fill

pytestmark = pytest.mark.rehearsal
Start = Callable[[Json], Engine]


def copy_schema(source: DatabaseServer, target: DatabaseServer, schema: str) -> None:
    """Create the tables on the target from the source's DDL, as `load-schema` does."""
    target.run(f"CREATE DATABASE `{schema}` CHARACTER SET utf8mb4")
    for (table,) in source.query("SELECT table_name FROM information_schema.tables WHERE table_schema = %s", schema):
        target.run(
            "SET foreign_key_checks = 0", source.query(f"SHOW CREATE TABLE `{schema}`.`{table}`")[0][1], schema=schema
        )


def is_loaded(report: Json) -> bool:
    return bool(report["tables"]) and all(table["state"] == "Table completed" for table in report["tables"])


def is_validated(report: Json) -> bool:
    return all(table["validation"].get("state") == "Validated" for table in report["tables"])


def test_a_killed_engine_loses_no_row_of_a_busy_site(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    # Given a schema to which a client writes continuously
    fill(source, "site")
    copy_schema(source, target, "site")
    with Writer(source, "site") as writer:
        # When the engine is killed twice during change capture, and started again
        engine = start(build_job(*ends, "site"))
        engine.wait_until(is_loaded)
        for _ in range(2):
            writer.wait_for_more(150)
            source.run("FLUSH BINARY LOGS")
            assert target.query("SELECT SUM(balance) FROM site.account") == [(ACCOUNTS * BALANCE,)]
            engine.kill()
            engine = start(build_job(*ends, "site", start="resume-processing"))
            engine.wait_until(is_loaded)
        writer.wait_for_more(100)
        writer.stop()
        # Then it stops within two seconds, with every write that preceded the request
        began = time.monotonic()
        end = engine.stop()
        assert time.monotonic() - began < 2.0
    assert end["reason"] == "Stop Reason NORMAL"
    assert target.digest("site") == source.digest("site")
    assert target.query("SHOW INDEX FROM site.issue WHERE Key_name = 'one'")


def test_a_killed_full_load_starts_from_the_beginning(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    fill(source, "site")
    source.run(
        *["INSERT INTO issue (`index`, content) SELECT `index`, content FROM issue LIMIT 20000"] * 7, schema="site"
    )
    copy_schema(source, target, "site")
    with Writer(source, "site") as writer:
        engine = start(build_job(*ends, "site"))
        engine.wait_until(
            lambda r: any(
                0 < t["counters"].get("FullLoadRows", 0) < 10_000 for t in r["tables"] if t["table"] == "issue"
            )
        )
        engine.kill()
        engine = start(build_job(*ends, "site", start="resume-processing"))
        engine.wait_until(is_loaded)
        writer.stop()
        engine.stop()
    assert target.digest("site") == source.digest("site")


def test_every_table_of_gogs_is_replicated_and_validated(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    source.run("CREATE DATABASE `site` CHARACTER SET utf8mb4")
    source.run(*list_statements(), schema="site")
    copy_schema(source, target, "site")
    source.run(
        "INSERT INTO issue (repo_id, `index`, name, content) VALUES (1, 1, 'ü😀', REPEAT('Ж', 30000))",
        "INSERT INTO lfs_object VALUES (1, REPEAT('a', 64), 5, 'local', '2024-02-29 12:00:00.123')",
        schema="site",
    )
    engine = start(build_job(*ends, "site"))
    engine.wait_until(is_loaded)
    source.run("UPDATE issue SET content = REPEAT('日', 20000), `index` = 2", "DELETE FROM lfs_object", schema="site")
    report = engine.wait_until(
        lambda r: is_validated(r) and r["tables"] and engine.read_table("issue")["counters"].get("AppliedUpdates") == 1
    )
    engine.stop()
    assert len(report["tables"]) >= 37
    assert target.digest("site") == source.digest("site")


def test_a_committed_row_is_replicated_within_half_a_second(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    fill(source, "site")
    copy_schema(source, target, "site")
    engine = start(build_job(*ends, "site"))
    engine.wait_until(is_loaded)
    waited = []
    for number in range(20):
        source.run(f"INSERT INTO site.account VALUES ({1000 + number}, 1)")
        began = time.monotonic()
        while not target.query("SELECT 1 FROM site.account WHERE id = %s", 1000 + number):
            assert time.monotonic() - began < 5
            time.sleep(0.005)
        waited.append(time.monotonic() - began)
    report = engine.stop()
    assert sorted(waited)[-2] < 0.5, waited
    assert [t["counters"]["AppliedInserts"] for t in report["tables"] if t["table"] == "account"] == [20]
