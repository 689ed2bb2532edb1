"""The effects of task settings, table mappings and DDL on rows."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.dms.engine import Engine, Json, build_job
from tests.rehearsal.dms.test_replication import copy_schema, is_loaded, is_validated
from tests.rehearsal.dms.writer import fill

pytestmark = pytest.mark.rehearsal
Start = Callable[[Json], Engine]
ARTICLE = (
    "CREATE TABLE article (id INT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(50) DEFAULT 'new', body LONGTEXT,"
    " KEY (title))"
)


def create_table(source: DatabaseServer) -> None:
    source.run("CREATE DATABASE site CHARACTER SET utf8mb4")
    source.run(
        ARTICLE,
        "INSERT INTO article VALUES (1, 'a', REPEAT('ü', 40000)), (2, 'b', 'short'), (3, 'c', NULL)",
        schema="site",
    )


KEEPING = {"FullLoadSettings": {"TargetTablePrepMode": "DO_NOTHING"}}


def read_rows(server: DatabaseServer) -> list[tuple[object, ...]]:
    return server.query("SELECT id, title, LENGTH(body) FROM site.article ORDER BY id")


def test_drop_and_create_loses_auto_increment_and_secondary_indexes(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    create_table(source)
    engine = start(build_job(*ends, "site", settings={"FullLoadSettings": {"TargetTablePrepMode": "DROP_AND_CREATE"}}))
    engine.wait_until(is_loaded)
    engine.stop()
    text = target.query("SHOW CREATE TABLE site.article")[0][1]
    assert "PRIMARY KEY (`id`)" in text
    assert "AUTO_INCREMENT" not in text
    assert "KEY `title`" not in text


def test_do_nothing_keeps_rows_and_truncate_removes_them(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    create_table(source)
    copy_schema(source, target, "site")
    target.run("INSERT INTO site.article VALUES (99, 'old', NULL)")
    engine = start(build_job(*ends, "site", settings=KEEPING))
    engine.wait_until(is_loaded)
    engine.stop()
    assert [row[0] for row in read_rows(target)] == [1, 2, 3, 99]
    engine = start(build_job(*ends, "site", start="reload-target"))
    engine.wait_until(is_loaded)
    engine.stop()
    assert read_rows(target) == read_rows(source)
    assert "AUTO_INCREMENT" in target.query("SHOW CREATE TABLE site.article")[0][1]


@pytest.mark.parametrize(
    ("settings", "left"), [(KEEPING, [1, 2, 3, 98]), ({}, [1, 2, 3])], ids=["do nothing", "truncate"]
)
def test_a_reload_empties_the_table_only_in_truncate_mode(
    source: DatabaseServer,
    target: DatabaseServer,
    ends: tuple[Json, Json],
    start: Start,
    settings: Json,
    left: list[int],
) -> None:
    create_table(source)
    copy_schema(source, target, "site")
    engine = start(build_job(*ends, "site", settings=settings))
    engine.wait_until(is_loaded)
    ended = engine.read_table("article")["times"]["end"]
    target.run("INSERT INTO site.article VALUES (98, 'another writer', NULL)")
    engine.send_command("reload", tables=[["site", "article"]])
    engine.wait_until(lambda r: is_loaded(r) and engine.read_table("article")["times"].get("end", ended) > ended)
    engine.stop()
    assert [row[0] for row in read_rows(target)] == left


def test_a_reload_onto_kept_rows_stops_a_strict_task(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    create_table(source)
    copy_schema(source, target, "site")
    strict = {"ErrorBehavior": {"FullLoadIgnoreConflicts": False, "DataErrorPolicy": "STOP_TASK"}}
    engine = start(build_job(*ends, "site", settings={**KEEPING, **strict}))
    engine.wait_until(is_loaded)
    engine.send_command("reload", tables=[["site", "article"]])
    assert "Duplicate entry" in engine.wait_failed()["message"]


def test_limited_lob_mode_truncates_and_validation_finds_it(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    create_table(source)
    copy_schema(source, target, "site")
    limited = {"TargetMetadata": {"LimitedSizeLobMode": True, "FullLobMode": False}}
    engine = start(build_job(*ends, "site", settings=limited))
    engine.wait_until(is_loaded)
    source.run("UPDATE site.article SET body = REPEAT('x', 50000) WHERE id = 2")
    engine.wait_until(lambda _: engine.read_table("article")["validation"].get("failed") == 2)
    assert engine.read_table("article")["validation"]["state"] == "Mismatched records"
    engine.stop()
    assert [row[2] for row in read_rows(target)] == [32 * 1024, 32 * 1024, None]
    kinds = target.query("SELECT `KEY`, FAILURE_TYPE FROM awsdms_control.awsdms_validation_failures_v1 ORDER BY 1")
    assert kinds == [('{"key": ["1"]}', "RECORD_DIFF"), ('{"key": ["2"]}', "RECORD_DIFF")]


def test_validation_finds_rows_of_another_writer(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    create_table(source)
    copy_schema(source, target, "site")
    target.run("INSERT INTO site.article VALUES (99, 'another writer', NULL)")
    engine = start(build_job(*ends, "site", settings=KEEPING))
    engine.wait_until(lambda _: engine.read_table("article")["validation"].get("failed") == 1)
    source.run("INSERT INTO site.article VALUES (99, 'of the source', NULL)")
    engine.wait_until(lambda _: engine.read_table("article")["counters"].get("AppliedInserts") == 1)
    found = target.query("SELECT STATEMENT FROM awsdms_control.awsdms_apply_exceptions")
    assert found == [("insert",)], "by its default policy DMS logs the duplicate"
    engine.stop()


def test_mappings_select_schemas_and_tables(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    for schema in ("site_one", "site_two", "site_other"):
        source.run(f"CREATE DATABASE {schema}", f"CREATE TABLE {schema}.kept (id INT PRIMARY KEY)",
                   f"CREATE TABLE {schema}.tmp_x (id INT PRIMARY KEY)", (f"INSERT INTO {schema}.kept VALUES"
                                                                        " (1)"))  # fmt: skip
    rules = [
        {"rule-type": "selection", "rule-id": str(n), "rule-name": str(n), "rule-action": action,
         "object-locator": {"schema-name": schema, "table-name": table}}
        for n, (schema, table, action) in enumerate(
            [("site%", "%", "include"), ("%", "tmp%", "exclude"), ("site[_]other", "%", "exclude")]
        )
    ]  # fmt: skip
    engine = start(build_job(*ends, mappings=json.dumps({"rules": rules})))
    report = engine.wait_until(is_loaded)
    assert [(t["schema"], t["table"]) for t in report["tables"]] == [("site_one", "kept"), ("site_two", "kept")]
    source.run(
        "INSERT INTO site_two.kept VALUES (2)",
        "INSERT INTO site_other.kept VALUES (2)",
        "INSERT INTO site_one.tmp_x VALUES (2)",
    )
    engine.stop()
    assert target.query("SELECT id FROM site_two.kept") == [(1,), (2,)]


def test_ddl_is_replicated_during_change_capture(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    create_table(source)
    copy_schema(source, target, "site")
    engine = start(build_job(*ends, "site"))
    engine.wait_until(is_loaded)
    source.run(
        "INSERT INTO article (title) VALUES ('before')",
        "ALTER TABLE article ADD COLUMN score INT NOT NULL DEFAULT 7 AFTER id",
        "INSERT INTO article (title, score) VALUES ('after', 9)",
        "CREATE TABLE extra (id BIGINT PRIMARY KEY, text TEXT)",
        "INSERT INTO extra VALUES (1, 'ü')",
        "CREATE TABLE gone (id INT PRIMARY KEY)",
        "DROP TABLE gone",
        "TRUNCATE TABLE article",
        "INSERT INTO article (title, score) VALUES ('last', 1)",
        schema="site",
    )
    engine.stop()
    assert target.digest("site") == source.digest("site")
    assert target.query("SELECT id, score, title FROM site.article") == source.query(
        "SELECT id, score, title FROM site.article"
    )


def test_rows_before_several_past_alterations_are_replicated(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    create_table(source)
    copy_schema(source, target, "site")
    engine = start(build_job(*ends, "site"))
    engine.wait_until(is_loaded)
    engine.stop()
    # Given a log in which the table has several definitions, of which the source knows only the last
    source.run(
        "INSERT INTO article (title) VALUES ('one')",
        "ALTER TABLE article ADD COLUMN score INT NOT NULL DEFAULT 7 AFTER id",
        "INSERT INTO article (title, score) VALUES ('two', 2)",
        "ALTER TABLE article ADD COLUMN mark VARCHAR(9) NULL AFTER id",
        "UPDATE article SET title = CONCAT(title, '!')",
        "ALTER TABLE article DROP COLUMN score",
        "INSERT INTO article (title, mark) VALUES ('three', 'ü')",
        schema="site",
    )
    engine = start(build_job(*ends, "site", start="resume-processing"))
    engine.wait_until(lambda _: engine.read_table("article")["counters"].get("AppliedInserts") == 3)
    engine.stop()
    assert target.digest("site") == source.digest("site")


def test_a_table_error_suspends_the_table_or_stops_a_strict_task(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    create_table(source)
    source.run("CREATE TABLE site.other (id INT PRIMARY KEY, wide INT)", "INSERT INTO site.other VALUES (1, 1)")
    copy_schema(source, target, "site")
    target.run("ALTER TABLE site.other DROP COLUMN wide")
    engine = start(build_job(*ends, "site"))
    report = engine.wait_until(
        lambda r: bool(r["tables"]) and all(t["state"] in ("Table completed", "Table error") for t in r["tables"])
    )
    assert {t["table"]: t["state"] for t in report["tables"]} == {"article": "Table completed", "other": "Table error"}
    assert "has no column wide" in engine.read_table("other")["reason"]
    # When the reason is repaired, the task reloads the table and continues
    target.run("ALTER TABLE site.other ADD COLUMN wide INT")
    source.run("INSERT INTO site.other VALUES (2, 2)", "INSERT INTO site.article (title) VALUES ('meanwhile')")
    engine.send_command("reload", tables=[["site", "other"]])
    engine.wait_until(is_loaded)
    source.run("INSERT INTO site.other VALUES (3, 3)")
    engine.wait_until(lambda r: is_validated(r) and engine.read_table("other")["counters"].get("AppliedInserts") == 1)
    engine.stop()
    assert target.digest("site") == source.digest("site")
    target.run("ALTER TABLE site.other DROP COLUMN wide")
    strict = start(
        build_job(*ends, "site", start="reload-target", settings={"ErrorBehavior": {"TableErrorPolicy": "STOP_TASK"}})
    )
    failed = strict.wait_failed()
    assert "site.other" in failed["message"]


def test_a_target_without_local_infile_gives_a_table_error(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    create_table(source)
    copy_schema(source, target, "site")
    target.run("SET GLOBAL local_infile = 0")
    try:
        engine = start(build_job(*ends, "site"))
        engine.wait_until(lambda _: engine.read_table("article")["state"] == "Table error")
        assert "Loading local data is disabled" in engine.read_table("article")["reason"]
        engine.stop()
    finally:
        target.run("SET GLOBAL local_infile = 1")


def test_a_task_continues_after_restarts_of_source_and_target(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json], start: Start
) -> None:
    fill(source, "site")
    copy_schema(source, target, "site")
    engine = start(build_job(*ends, "site"))
    engine.wait_until(is_loaded)
    source.stop(kill=True)
    source.start()
    source.run("UPDATE site.account SET balance = 1")
    engine.wait_until(lambda _: engine.read_table("account")["counters"].get("AppliedUpdates") == 20)
    target.stop(kill=True)
    target.start()
    source.run("UPDATE site.account SET balance = 2")
    engine.wait_until(lambda _: engine.read_table("account")["counters"].get("AppliedUpdates") == 40)
    engine.stop()
    assert target.digest("site") == source.digest("site")


def test_a_task_without_tables_fails(ends: tuple[Json, Json], start: Start) -> None:
    engine = start(build_job(*ends, "site_nowhere"))
    assert "No tables were found at task initialization" in engine.wait_failed()["message"]
