"""The full path of the rows with the product's own functions, from each source product to the product of RDS.

The path has these parts: schema, users, full load, change capture, digests, freeze, AUTO_INCREMENT, independent
comparison, and roll back. It uses no machines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pymysql
import pytest

pytest.importorskip("cutover_site", reason="conftest.py puts assets/site on the path")
from applications.gogs.profile import PROFILE
from cutover_site.database import auto_increment, freeze, positions, schema
from cutover_site.database.connections import Connection, connect_as_root
from cutover_site.database.digest import digest_tables
from cutover_site.database.table_columns import list_tables
from cutover_site.database.written_tables import find_written_tables

from rehearsal.job.comparison import Comparison, compare_rows
from tests.rehearsal.database import path
from tests.rehearsal.database_servers.server import PASSWORD, DatabaseServer
from tests.rehearsal.dms.engine import Engine, Json, build_job
from tests.rehearsal.dms.test_replication import is_loaded, is_validated
from tests.rehearsal.dms.writer import Writer

pytestmark = pytest.mark.rehearsal
RUN = "run-1"
SCHEMAS = ("gogs", "cutover")


@pytest.fixture
def clean(target: DatabaseServer) -> Iterator[None]:
    yield
    names = ("gogs", "gogs_scratch", "cutover", "awsdms_control")
    target.run(*(f"DROP DATABASE IF EXISTS {name}" for name in names), f"DROP USER IF EXISTS {path.APPLICATION}@'%'")


@pytest.fixture
def start(source: DatabaseServer, target: DatabaseServer, tmp_path: Path) -> Iterator[Callable[[str], Engine]]:
    engines: list[Engine] = []
    ends: tuple[Json, Json] = path.build_endpoint(source, path.READER), path.build_endpoint(target, path.MASTER)

    def begin(how: str) -> Engine:
        engines.append(Engine(build_job(*ends, *SCHEMAS, start=how), tmp_path / "engine.log"))
        return engines[-1]

    yield begin
    for engine in engines:
        engine.kill()


@pytest.mark.usefixtures("clean")
def test_every_row_is_replicated_and_verified(
    source: DatabaseServer, target: DatabaseServer, start: Callable[[str], Engine], tmp_path: Path
) -> None:
    path.make_site(source)
    layout = path.create_machine(source, tmp_path / "machine")
    # The target gets the schema of the source, and a second run creates no table
    with path.connect_client(source, path.READER) as reading, path.connect_client(target, path.MASTER) as writing:
        wanted = schema.read_schemas(reading, PROFILE.database)
        assert len(schema.create_missing_tables(writing, wanted)) == sum(map(len, wanted.schemas.values()))
        assert schema.create_missing_tables(writing, wanted) == []
        schema.grant_access(writing, PROFILE.database, path.APPLICATION, PASSWORD)
    with connect_as_root(layout) as root:
        before = positions.read_binlog_position(root)

    with Writer(source, "gogs", prefix=path.BUSY, connection=path.connect_application(source)) as writer:
        # The engine loads and follows rows while the site writes, also after it was killed
        engine = start("start-replication")
        engine.wait_until(is_loaded)
        writer.wait_for_more(100)
        engine.kill()
        engine = start("resume-processing")
        engine.wait_until(is_loaded)
        writer.wait_for_more(100)
        # The freeze interrupts the writes of the site, and the marker is the last write in the log
        with connect_as_root(layout) as root:
            freeze.stop_writes(root, layout, RUN)
            assert isinstance(writer.wait_refused(), pymysql.err.MySQLError)
            written = find_written_tables(root, before, PROFILE.database)
    assert written.tables >= {f"{path.BUSY}issue", f"{path.BUSY}account"}
    engine.wait_until(is_validated)
    engine.stop()
    assert target.query("SELECT run_id FROM cutover.marker") == [(RUN,)]

    # Both servers compute the same digest of every table
    with path.connect_client(source, path.READER) as reading, path.connect_client(target, path.MASTER) as there:
        for name in SCHEMAS:
            every = list_tables(reading, name)
            assert sorted(list_tables(there, name)) == sorted(every)
            assert read_digests(reading, name, every) == read_digests(there, name, every)
        # No number is used twice, not even in a table whose rows were all deleted
        auto_increment.sync_auto_increment(reading, there, "gogs")
    assert read_next_number(target, "shape_emptied") == read_next_number(source, "shape_emptied") == 4

    # The independent comparison finds no difference, and finds one after a change of the target
    result = Comparison()
    for name in SCHEMAS:
        compare_rows(path.query(source), path.query(target), name, result)
    assert result.findings == []
    assert result.rows > 300
    target.run(f"UPDATE gogs.{path.BUSY}account SET balance = balance + 1 WHERE id = 3")
    compare_rows(path.query(source), path.query(target), "gogs", result)
    assert len(result.findings) == 1

    # After the roll back the site writes again
    with connect_as_root(layout) as root:
        freeze.resume_writes(root, layout)
    with path.connect_application(source) as site, site.cursor() as cursor:
        cursor.execute(f"UPDATE {path.BUSY}account SET balance = balance + 1 WHERE id = 3")


def read_digests(connection: Connection, name: str, every: list[str]) -> dict[str, tuple[int, str]]:
    return {table: (one.rows, one.digest) for table, one in digest_tables([connection], name, every).items()}


def read_next_number(server: DatabaseServer, table: str) -> int:
    found = server.query(f"SHOW CREATE TABLE gogs.{table}")[0][1].partition("AUTO_INCREMENT=")[2]
    return int(found.split()[0]) if found else 1
