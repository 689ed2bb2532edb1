"""A client that never stops writing, in transactions of many shapes."""

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
    """`prefix`: of the tables' names, for a schema that has such tables already."""
    server.run(f"CREATE DATABASE IF NOT EXISTS `{schema}` CHARACTER SET utf8mb4")
    server.run(*(text.replace("CREATE TABLE ", f"CREATE TABLE {prefix}", 1) for text in TABLES), schema=schema)
    server.run(*(f"INSERT INTO {prefix}account VALUES ({n}, {BALANCE})" for n in range(ACCOUNTS)), schema=schema)
    connection = server.root(schema)
    dice = random.Random(1)
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION sql_mode = '{SQL_MODE}'")
        for _ in range(300):
            cursor.execute(*issue(dice, prefix))
    connection.close()


def issue(dice: random.Random, prefix: str = "") -> tuple[str, list[Any]]:
    values: dict[str, Any] = {
        "`index`": dice.randrange(-5, 10**9),
        "`key`": f"{dice.getrandbits(100):x}",
        "content": dice.choice([None, *WORDS, "x" * 70_000 if dice.random() < 0.02 else "y"]),
        "note": dice.choice([None, *WORDS]),
        "raw": dice.choice([None, b"", dice.randbytes(dice.randrange(300))]),
        "closed": dice.randrange(2),
        "price": dice.choice([None, "0", "-12345678901234.654321", "99999999999999.999999", "0.000001"]),
        "ratio": dice.choice([None, dice.random() * 1e10, -1.5]),
        "part": dice.choice([None, 1.1, dice.random()]),
        "made": dice.choice([None, "2024-02-29 23:59:59.999", "0000-00-00 00:00:00", "1000-01-01 00:00:00.001"]),
        "day": dice.choice([None, "2024-12-31", "0000-00-00"]),
        "spent": dice.choice([None, "-838:59:58.999999", "00:00:00.000001", "-00:00:01.500000", "12:34:56"]),
        "stamp": dice.choice([None, "2024-06-01 12:00:00.123", "2037-12-31 00:00:00"]),
        "kind": dice.choice([None, "bug", "Wunsch ü", ""]),
        "marks": dice.choice([None, "", "a", "b,ü", "a,b,ü"]),
        "bits": dice.choice([None, 0, 5, 2047]),
        "year": dice.choice([None, 0, 1901, 2155]),
        "big": dice.choice([None, 0, 2**64 - 1]),
        "small": dice.choice([None, 0, 255]),
        "mid": dice.choice([None, -(2**23), 2**23 - 1]),
        "doc": dice.choice([None, '{"a": [1, "ü😀", null]}', "[]"]),
        "old": dice.choice([None, "älter", "€"]),
        "fixed": dice.choice([None, "ab", "ü"]),
        "hash": dice.choice([None, b"\0" * 8, dice.randbytes(8), b"ab\0\0\0\0\0\0"]),
    }
    return f"INSERT INTO {prefix}issue ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})", list(
        values.values()
    )


class Writer:
    """`pause` is slept after each transaction. `connection`: the user who writes; root of `server` otherwise."""

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
        self._connection = connection or server.root(schema)
        self._prefix = prefix
        self._dice, self._pause = random.Random(seed), pause
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
        """Return the error that ended the writing, which was expected."""
        self._thread.join(seconds)
        error, self.error = self.error, None
        assert error is not None, "every transaction was taken"
        return error

    def after(self, number: int, seconds: float = 60.0) -> None:
        """Returns when so many more transactions were committed."""
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
            self._many,
        ]
        try:
            while not self._ended.is_set():
                with self._connection.cursor() as cursor:
                    cursor.execute("BEGIN")
                    for step in self._dice.sample(steps, self._dice.randrange(1, 4)):
                        step(cursor)
                    cursor.execute("ROLLBACK" if self._dice.random() < 0.05 else "COMMIT")
                self.transactions += 1
                time.sleep(self._pause)
        except pymysql.err.MySQLError as error:
            if not self._ended.is_set():
                self.error = error

    def _transfer(self, cursor: Any) -> None:
        left, right = self._dice.sample(range(ACCOUNTS), 2)
        cursor.execute(f"UPDATE {self._prefix}account SET balance = balance - 7 WHERE id = %s", (left,))
        cursor.execute(f"UPDATE {self._prefix}account SET balance = balance + 7 WHERE id = %s", (right,))

    def _create(self, cursor: Any) -> None:
        cursor.execute(*issue(self._dice, self._prefix))

    def _change(self, cursor: Any) -> None:
        cursor.execute(
            (
                f"UPDATE {self._prefix}issue SET content = %s, closed = 1 - closed, bits = bits + 0, `key` = %s"
                " ORDER BY RAND(%s) LIMIT 1"
            ),
            (self._dice.choice(WORDS), f"{self._dice.getrandbits(100):x}", self._dice.randrange(10**6)),
        )

    def _delete(self, cursor: Any) -> None:
        cursor.execute(f"DELETE FROM {self._prefix}issue ORDER BY RAND(%s) LIMIT 1", (self._dice.randrange(10**6),))

    def _many(self, cursor: Any) -> None:
        cursor.execute(
            f"UPDATE {self._prefix}issue SET `index` = `index` + 1 WHERE id %% 20 = %s", (self._dice.randrange(20),)
        )
