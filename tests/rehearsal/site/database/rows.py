"""The source's schema with rows, and the digests of its tables."""

from __future__ import annotations

from cutover_site.database.connections import Connection, execute
from cutover_site.database.digest import TableDigest, digest_tables

PASSWORD = "p#a$s'"
"""of the application's user"""
TABLES = (
    """CREATE TABLE {0}.issue (id BIGINT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(255) NULL, content LONGTEXT,
        f DOUBLE, b TINYINT(1),
    d DATETIME(3) NULL, raw BLOB, KEY (title)) DEFAULT CHARSET utf8mb4""",
    (
        "CREATE TABLE {0}.lfs_object (repo_id BIGINT, oid VARCHAR(64), size BIGINT, PRIMARY KEY (repo_id, oid)) DEFAULT"
        " CHARSET utf8mb4"
    ),
    "CREATE TABLE {0}.webhook (id BIGINT PRIMARY KEY, is_active TINYINT(1))",
    "CREATE TABLE {0}.hook_task (id BIGINT PRIMARY KEY, is_delivered TINYINT(1))",
    "CREATE TABLE {0}.mirror (id BIGINT PRIMARY KEY, next_update_unix BIGINT)",
)
ROWS = [
    (
        f"Öffnung {n}",
        "lang 你好 🚀 " * (n * 20),
        n / 3,
        n % 2,
        None if n % 3 else "2026-01-02 03:04:05.678",
        bytes(range(n)),
    )
    for n in range(60)
]


def make(connection: Connection, table: str, definition: str) -> None:
    execute(connection, f"DROP TABLE IF EXISTS gogs.{table}")
    execute(connection, f"CREATE TABLE gogs.{table} {definition}")


def read_digests(connection: Connection, name: str, *tables: str, chunk: int = 1000) -> dict[str, tuple[int, str]]:
    return {
        table: (found.rows, found.digest) for table, found in digest_tables([connection], name, tables, chunk).items()
    }


def digest_within(connection: Connection, key_ranges: list[tuple[int, int]], chunk: int = 1000) -> TableDigest:
    return digest_tables([connection], "gogs", ["issue"], chunk, key_ranges={"issue": key_ranges})["issue"]
