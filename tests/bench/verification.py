"""Rows per second of the product's verification, compared with pt-table-checksum, on a table of a million rows.

The product digests both servers at the same time and compares the digests. pt-table-checksum digests the source.
Replication executes its statements on the replica, which thereby digests itself, and the tool compares both results.
Both sides end when they know that the tables are equal. The cost of both is measured on the source, which serves its users meanwhile.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.rounds import Comparison, run_in_turns
from tests.bench.server_cost import create_cost_comparison
from tests.rehearsal.database_servers.products import MARIADB_10_11
from tests.rehearsal.database_servers.server import PASSWORD, UNICODE_OPTIONS, DatabaseServer, running

ROWS = 1_000_000
ROUNDS = 4
TABLE = """CREATE TABLE gogs.action (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id BIGINT, op_type INT, act_user_id BIGINT,
    act_user_name VARCHAR(255), repo_id BIGINT, repo_user_name VARCHAR(255), repo_name VARCHAR(255), ref_name VARCHAR(255),
    is_private TINYINT(1) NOT NULL DEFAULT 0, content TEXT, created_unix BIGINT, KEY (user_id), KEY (repo_id)) DEFAULT CHARSET utf8mb4"""
FILL = f"""INSERT INTO gogs.action SELECT seq, seq % 997, seq % 27, seq % 997, CONCAT('user-', seq % 997), seq % 5003,
    CONCAT('ümlaut-', seq % 311), CONCAT('repository-', seq % 5003), IF(seq % 3, CONCAT('refs/heads/branch-', seq % 71), NULL), seq % 2,
    IF(seq % 3, CONCAT('{{"Len":1,"Commits":[{{"Sha1":"', SHA1(seq), '","Message":"Change ', seq, ' – für alle 你好"}}]}}'),
    IF(seq % 6, NULL, '')), 1700000000 + seq FROM seq_1_to_{ROWS}"""
OPTIONS = (*UNICODE_OPTIONS, "--innodb-buffer-pool-size=640M")
LOGGED = ("--log-bin=binlog", "--binlog-format=ROW")
# Checks that slow the tool down and prove nothing here are off: updates, replication filters, query plans. Chunks are as large as the
# product's. The replica therefore lags by one short chunk at most, and the tool does not wait for it.
CHECKSUM = [
    "pt-table-checksum", "--no-version-check", "--no-check-replication-filters", "--no-check-binlog-format", "--no-check-plan",
    "--quiet", "--databases=gogs", "--tables=gogs.action",
]  # fmt: skip
CHUNKS = ["--chunk-time=0", "--chunk-size=20000"]
ALONE = ["--recursion-method=none", "--chunk-time=0.5"]


def run_benchmark() -> list[Comparison]:
    with (
        tempfile.TemporaryDirectory() as folder,
        running(MARIADB_10_11, Path(folder, "source"), *OPTIONS, *LOGGED, server_id=1) as source,
        running(MARIADB_10_11, Path(folder, "replica"), *OPTIONS, server_id=2) as replica,
    ):
        options = Path(folder, "client.cnf")
        options.write_text(f"[client]\nuser=dms\npassword={PASSWORD}\n")
        options.chmod(0o600)
        for server in (source, replica):
            _fill(server)
        _follow(replica, source)
        source.run(
            "CREATE DATABASE percona",
            "CREATE TABLE percona.dsns (id INT PRIMARY KEY AUTO_INCREMENT, parent_id INT, dsn VARCHAR(255) NOT NULL)",
            f"INSERT INTO percona.dsns (dsn) VALUES ('h=127.0.0.1,P={replica.port}')",
        )
        dsn = f"F={options},h=127.0.0.1,P={source.port},A=utf8mb4"
        both = [*CHECKSUM, *CHUNKS, f"--recursion-method=dsn=D=percona,t=dsns,h=127.0.0.1,P={source.port}", dsn]
        pair = _compare_both(source, replica, both)
        _require_compared(replica)
        replica.run("STOP SLAVE")  # otherwise it would use the machine during the measurement of the source alone
        alone = [*CHECKSUM, *ALONE, dsn]
        return [*pair, *_compare_alone(source, alone, 1), _compare_alone(source, alone, 2)[0]]


def _compare_both(source: DatabaseServer, replica: DatabaseServer, command: list[str]) -> list[Comparison]:
    """Measure until both servers are known to be equal, and what it costs the source."""
    ours, theirs = "both digests at once", "pt-table-checksum with a replica"
    cost = create_cost_comparison("the source", ours, theirs, rows=ROWS, cpu_aim="0.7")
    elapsed = Comparison(
        "source and target, until both are known to be equal", ours, theirs, "2 times as fast", work=ROWS, unit="rows", faster=True
    )  # fmt: skip
    run_in_turns(
        elapsed,
        cost.measure_ours(source, lambda: _digest_tables(1, source, replica)),
        cost.measure_theirs(source, lambda: _run_checksum(command)),
        ROUNDS,
    )
    return [elapsed, cost.cpu, cost.rows]


def _compare_alone(source: DatabaseServer, command: list[str], connections: int) -> list[Comparison]:
    """Measure one digest of one server, and what it costs it."""
    ours, theirs = f"one digest, {connections} connections", "pt-table-checksum without replicas"
    cost = create_cost_comparison("one server alone", ours, theirs, rows=ROWS)
    elapsed = Comparison("one server alone", ours, theirs, work=ROWS, unit="rows", faster=True)
    run_in_turns(
        elapsed,
        cost.measure_ours(source, lambda: _digest_tables(connections, source)),
        cost.measure_theirs(source, lambda: _run_checksum(command)),
        ROUNDS,
    )
    return [elapsed, cost.cpu, cost.rows]


def _require_compared(replica: DatabaseServer) -> None:
    """Raise RuntimeError unless the replica has digested every row. The tool also succeeds if it finds no replica."""
    compared = replica.query("SELECT SUM(this_cnt), SUM(this_crc <> master_crc) FROM percona.checksums")[0]
    if compared != (ROWS, 0):
        raise RuntimeError(f"pt-table-checksum did not compare the replica: {compared}")


def _fill(server: DatabaseServer) -> None:
    unlogged = "SET SESSION sql_log_bin = 0"
    server.run(unlogged, "CREATE DATABASE gogs CHARACTER SET utf8mb4")
    # seq_… exists only with a default schema.
    server.run(unlogged, TABLE, FILL, "ANALYZE TABLE gogs.action", schema="gogs")
    server.run(
        unlogged, f"CREATE USER dms@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'", "GRANT ALL ON *.* TO dms@'127.0.0.1'"
    )


def _follow(replica: DatabaseServer, source: DatabaseServer) -> None:
    file, position = source.query("SHOW MASTER STATUS")[0][:2]
    replica.run(
        f"CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {source.port}, MASTER_USER = 'dms', MASTER_PASSWORD = '{PASSWORD}',"
        f" MASTER_LOG_FILE = '{file}', MASTER_LOG_POS = {position}",
        "START SLAVE",
    )
    deadline = time.monotonic() + 20
    while not replica.query(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Slave has read all%%'"
    )[0][0]:
        if time.monotonic() > deadline:
            raise RuntimeError("the replica does not follow")
        time.sleep(0.1)


def _digest_tables(connections: int, *servers: DatabaseServer) -> None:
    """Digest the table on all servers at the same time, on so many connections to each.

    Raise RuntimeError unless all digests are equal and complete.
    """
    command = [sys.executable, "-m", "tests.bench.digest_side"]
    running = [
        subprocess.Popen([*command, str(server.port), "gogs", "action", str(connections)], stdout=subprocess.PIPE)
        for server in servers
    ]
    digests = [json.loads(process.communicate()[0]) for process in running]
    if any(digest != digests[0] or digest["rows"] != ROWS for digest in digests):
        raise RuntimeError(f"not compared, or not equal: {digests}")


def _run_checksum(command: list[str]) -> None:
    """Run pt-table-checksum. Raise RuntimeError if it finds a difference, skips a chunk or fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    if done.returncode:
        raise RuntimeError(f"pt-table-checksum: {done.stdout[-500:]} {done.stderr[-500:]}")
