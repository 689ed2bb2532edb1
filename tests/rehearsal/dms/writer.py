"""A client that writes continuously, in transactions of many kinds."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pymysql

from tests.rehearsal.database_servers.server import DatabaseServer

ACCOUNTS, BALANCE = 20, 1000
SQL_MODE = "ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO"
TABLES = (
    "CREATE TABLE account (id BIGINT PRIMARY KEY, balance BIGINT NOT NULL) ENGINE=InnoDB",
    """CREATE TABLE issue (id BIGINT AUTO_INCREMENT PRIMARY KEY, `index` BIGINT NOT NULL,
        `key` VARCHAR(40) NULL, content LONGTEXT NULL,
       note TEXT NULL, raw LONGBLOB NULL, closed TINYINT(1) NOT NULL DEFAULT 0, price DECIMAL(20,6) NULL,
        ratio DOUBLE NULL, part FLOAT NULL,
       made DATETIME(3) NULL, day DATE NULL, spent TIME(6) NULL, stamp TIMESTAMP(3) NULL,
        kind ENUM('bug','Wunsch ü','') NULL,
       marks SET('a','b','ü') NULL, bits BIT(11) NULL, year YEAR NULL, big BIGINT UNSIGNED NULL,
        small TINYINT UNSIGNED NULL,
       mid MEDIUMINT NULL, doc JSON NULL, old VARCHAR(50) CHARACTER SET latin1 NULL,
        fixed CHAR(10) NULL, hash BINARY(8) NULL,
       length INT AS (CHAR_LENGTH(content)) VIRTUAL, UNIQUE KEY one (`key`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4""",
)
WORDS = ("naïve", "日本語", "😀🎉", "plain", "quote ' \" \\ %s", "tab\tnewline\n", "", "Ж" * 2000)


def fill(server: DatabaseServer, schema: str, *, prefix: str = "") -> None:
    """Create the tables and their first rows. `prefix` of the table names is for a schema that already has such
    tables.
    """
    server.run(f"CREATE DATABASE IF NOT EXISTS `{schema}` CHARACTER SET utf8mb4")
    server.run(*(text.replace("CREATE TABLE ", f"CREATE TABLE {prefix}", 1) for text in TABLES), schema=schema)
    server.run(*(f"INSERT INTO {prefix}account VALUES ({n}, {BALANCE})" for n in range(ACCOUNTS)), schema=schema)
    connection = server.connect_root(schema)
    generator = random.Random(1)
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION sql_mode = '{SQL_MODE}'")
        for _ in range(300):
            cursor.execute(*build_issue(generator, prefix))
    connection.close()


def build_issue(generator: random.Random, prefix: str = "") -> tuple[str, list[Any]]:
    values: dict[str, Any] = {
        "`index`": generator.randrange(-5, 10**9),
        "`key`": f"{generator.getrandbits(100):x}",
        "content": generator.choice([None, *WORDS, "x" * 70_000 if generator.random() < 0.02 else "y"]),
        "note": generator.choice([None, *WORDS]),
        "raw": generator.choice([None, b"", generator.randbytes(generator.randrange(300))]),
        "closed": generator.randrange(2),
        "price": generator.choice([None, "0", "-12345678901234.654321", "99999999999999.999999", "0.000001"]),
        "ratio": generator.choice([None, generator.random() * 1e10, -1.5]),
        "part": generator.choice([None, 1.1, generator.random()]),
        "made": generator.choice([None, "2024-02-29 23:59:59.999", "0000-00-00 00:00:00", "1000-01-01 00:00:00.001"]),
        "day": generator.choice([None, "2024-12-31", "0000-00-00"]),
        "spent": generator.choice([None, "-838:59:58.999999", "00:00:00.000001", "-00:00:01.500000", "12:34:56"]),
        "stamp": generator.choice([None, "2024-06-01 12:00:00.123", "2037-12-31 00:00:00"]),
        "kind": generator.choice([None, "bug", "Wunsch ü", ""]),
        "marks": generator.choice([None, "", "a", "b,ü", "a,b,ü"]),
        "bits": generator.choice([None, 0, 5, 2047]),
        "year": generator.choice([None, 0, 1901, 2155]),
        "big": generator.choice([None, 0, 2**64 - 1]),
        "small": generator.choice([None, 0, 255]),
        "mid": generator.choice([None, -(2**23), 2**23 - 1]),
        "doc": generator.choice([None, '{"a": [1, "ü😀", null]}', "[]"]),
        "old": generator.choice([None, "älter", "€"]),
        "fixed": generator.choice([None, "ab", "ü"]),
        "hash": generator.choice([None, b"\0" * 8, generator.randbytes(8), b"ab\0\0\0\0\0\0"]),
    }
    return f"INSERT INTO {prefix}issue ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})", list(
        values.values()
    )


class Writer:
    """Writes transactions until it is stopped. `pause` is in seconds, after each transaction.

    `connection` selects the writing user; the default is root of `server`.
    """

    def __init__(
        self,
        server: DatabaseServer,
        schema: str,
        *,
        seed: int = 7,
        pause: float = 0.01,
        prefix: str = "",
        connection: pymysql.Connection[Any] | None = None,
    ) -> None:
        self._connection = connection or server.connect_root(schema)
        self._prefix = prefix
        self._random, self._pause = random.Random(seed), pause
        self._ended = threading.Event()
        self.transactions = 0
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        with self._connection.cursor() as cursor:
            cursor.execute(f"SET SESSION sql_mode = '{SQL_MODE}'")

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(30)
        if self._connection.open:
            self._connection.close()
        if self.error:
            raise self.error

    def wait_refused(self, seconds: float = 30.0) -> Exception:
        """Wait for the expected error that ended the writer and return it."""
        self._thread.join(seconds)
        error, self.error = self.error, None
        assert error is not None, "every transaction was committed"
        return error

    def wait_for_more(self, number: int, seconds: float = 60.0) -> None:
        """Wait until `number` more transactions were committed."""
        goal, deadline = self.transactions + number, time.monotonic() + seconds
        while self.transactions < goal:
            assert self._thread.is_alive(), self.error
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def _run(self) -> None:
        steps: list[Callable[[Any], None]] = [
            self._transfer,
            self._create,
            self._create,
            self._change,
            self._delete,
            self._update_many,
        ]
        try:
            while not self._ended.is_set():
                with self._connection.cursor() as cursor:
                    cursor.execute("BEGIN")
                    for step in self._random.sample(steps, self._random.randrange(1, 4)):
                        step(cursor)
                    cursor.execute("ROLLBACK" if self._random.random() < 0.05 else "COMMIT")
                self.transactions += 1
                time.sleep(self._pause)
        except pymysql.err.MySQLError as error:
            if not self._ended.is_set():
                self.error = error

    def _transfer(self, cursor: Any) -> None:
        left, right = self._random.sample(range(ACCOUNTS), 2)
        cursor.execute(f"UPDATE {self._prefix}account SET balance = balance - 7 WHERE id = %s", (left,))
        cursor.execute(f"UPDATE {self._prefix}account SET balance = balance + 7 WHERE id = %s", (right,))

    def _create(self, cursor: Any) -> None:
        cursor.execute(*build_issue(self._random, self._prefix))

    def _change(self, cursor: Any) -> None:
        cursor.execute(
            (
                f"UPDATE {self._prefix}issue SET content = %s, closed = 1 - closed, bits = bits + 0, `key` = %s"
                " ORDER BY RAND(%s) LIMIT 1"
            ),
            (self._random.choice(WORDS), f"{self._random.getrandbits(100):x}", self._random.randrange(10**6)),
        )

    def _delete(self, cursor: Any) -> None:
        cursor.execute(f"DELETE FROM {self._prefix}issue ORDER BY RAND(%s) LIMIT 1", (self._random.randrange(10**6),))

    def _update_many(self, cursor: Any) -> None:
        cursor.execute(
            f"UPDATE {self._prefix}issue SET `index` = `index` + 1 WHERE id %% 20 = %s", (self._random.randrange(20),)
        )
