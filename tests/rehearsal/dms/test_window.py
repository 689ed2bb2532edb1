"""A server without an exact log position of its snapshot (MySQL).

A change near the snapshot may or may not be in the loaded rows. The result must be correct in both cases.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from rehearsal.dms.engine.commands import Commands
from rehearsal.dms.engine.databases import Server, end_of_log
from rehearsal.dms.engine.job import Job
from rehearsal.dms.engine.progress import Progress
from rehearsal.dms.engine.snapshot import Snapshot, snapshot
from rehearsal.dms.engine.task import run
from tests.rehearsal.database_servers.server import DatabaseServer
from tests.rehearsal.dms.engine import Json, build_job
from tests.rehearsal.dms.test_replication import copy_schema
from tests.rehearsal.dms.writer import Writer, fill

pytestmark = pytest.mark.rehearsal


def test_changes_around_an_inexact_snapshot_are_replicated_exactly(
    source: DatabaseServer, target: DatabaseServer, ends: tuple[Json, Json]
) -> None:
    fill(source, "site")
    # A key that moves between rows: a repeated old change must not lose a current row
    source.run(
        "CREATE TABLE site.seat (id INT PRIMARY KEY, guest VARCHAR(20) UNIQUE)",
        "INSERT INTO site.seat VALUES (1, 'a'), (2, 'b')",
    )
    copy_schema(source, target, "site")
    seen: list[Any] = []

    with Writer(source, "site", pause=0.001) as writer:

        @contextmanager
        def inexact(server: Server) -> Iterator[Snapshot]:
            connection = server.connect()
            low = end_of_log(connection)
            source.run(
                "UPDATE seat SET guest = 'x' WHERE id = 1",
                "UPDATE seat SET guest = 'a' WHERE id = 2",
                "INSERT INTO seat VALUES (3, 'b')",
                "DELETE FROM seat WHERE id = 1",
                schema="site",
            )
            writer.wait_for_more(30)
            with snapshot(server) as exact:
                writer.wait_for_more(30)
                high = end_of_log(connection)
                connection.close()
                assert low is not None
                assert high is not None
                assert low < exact.low < high
                seen.append((low, high))
                yield Snapshot(exact.connection, low, high)

        commands, progress = Commands(), Progress()
        outcome: list[Json] = []
        work = Job.parse(build_job(*ends, "site"))
        engine = threading.Thread(
            target=lambda: outcome.append(run(work, commands, progress, running=lambda: None, view=inexact))
        )
        engine.start()
        deadline = time.monotonic() + 60
        while not all(record.loaded for record in progress.list_records()) or not progress.list_records():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        writer.wait_for_more(30)
        writer.stop()
    commands.take({"command": "stop"})
    engine.join(60)
    assert outcome[0]["event"] == "stopped", outcome
    assert seen
    assert target.digest("site") == source.digest("site")
