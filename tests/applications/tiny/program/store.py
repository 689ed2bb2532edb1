"""Tiny's two schemas and its pictures, with one method for each transaction."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql
import pymysql.cursors

PICTURES = Path("/srv/tiny/uploads/pictures")
TABLES = (
    "CREATE TABLE IF NOT EXISTS {content}.page (id INT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(200) NOT NULL, picture CHAR(64) NOT NULL)",
    "CREATE TABLE IF NOT EXISTS {content}.outbox (id INT AUTO_INCREMENT PRIMARY KEY, page INT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS {content}.beat (id INT PRIMARY KEY, beats BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS {users}.user (name VARCHAR(64) PRIMARY KEY, salt CHAR(32) NOT NULL, password CHAR(64) NOT NULL)",
    "CREATE TABLE IF NOT EXISTS {users}.mail (id INT AUTO_INCREMENT PRIMARY KEY, page INT NOT NULL, sent TINYINT NOT NULL)",
    "INSERT IGNORE INTO {content}.beat VALUES (1, 0)",
)


@dataclass(frozen=True)
class Store:
    """`content` and `users` are the names of the schemas. A scratch copy has other names."""

    server: dict[str, Any]
    content: str
    users: str
    is_background_allowed: bool

    @classmethod
    def load(cls, path: Path) -> Store:
        """Read the settings: `host`, `port`, `user`, `password`, `tls` (verify the server), `content`, `users`, `works_in_background`."""
        raw = json.loads(path.read_text())
        server = {name: raw[name] for name in ("host", "port", "user", "password")}
        tls = {"ssl": ssl.create_default_context()} if raw["tls"] else {}
        return cls({**server, **tls}, raw["content"], raw["users"], raw["works_in_background"])

    @contextmanager
    def cursor(self) -> Iterator[pymysql.cursors.Cursor]:
        """Open a transaction. Commit it at the end of the block, or roll it back after an error."""
        connection = pymysql.connect(**self.server, charset="utf8mb4", connect_timeout=5)
        try:
            with connection.cursor() as cursor:
                yield cursor
            connection.commit()
        finally:
            connection.close()

    def _sql(self, statement: str) -> str:
        return statement.format(content=self.content, users=self.users)

    def create_tables(self) -> None:
        with self.cursor() as cursor:
            for statement in TABLES:
                cursor.execute(self._sql(statement))

    def add_user(self, name: str, password: str) -> None:
        salt = secrets.token_hex(16)
        with self.cursor() as cursor:
            cursor.execute(
                self._sql("REPLACE INTO {users}.user VALUES (%s, %s, %s)"), (name, salt, _hash(salt, password))
            )

    def is_user(self, name: str, password: str) -> bool:
        with self.cursor() as cursor:
            cursor.execute(self._sql("SELECT salt, password FROM {users}.user WHERE name = %s"), (name,))
            found = cursor.fetchone()
        return found is not None and hmac.compare_digest(found[1], _hash(found[0], password))

    def list_pages(self) -> list[dict[str, Any]]:
        with self.cursor() as cursor:
            cursor.execute(self._sql("SELECT id, title, picture FROM {content}.page ORDER BY id"))
            return [{"id": page, "title": title, "picture": picture} for page, title, picture in cursor.fetchall()]

    def add_page(self, title: str, picture: bytes) -> int:
        """Store the picture, then its row and the mail that the worker must send."""
        name = hashlib.sha256(picture).hexdigest()
        half = PICTURES / f".{name}"
        half.write_bytes(picture)
        half.rename(PICTURES / name)
        with self.cursor() as cursor:
            cursor.execute(self._sql("INSERT INTO {content}.page (title, picture) VALUES (%s, %s)"), (title, name))
            page = int(cursor.lastrowid or 0)
            cursor.execute(self._sql("INSERT INTO {content}.outbox (page) VALUES (%s)"), (page,))
            cursor.execute(self._sql("INSERT INTO {users}.mail (page, sent) VALUES (%s, 0)"), (page,))
        return page

    def remove_page(self, page: int) -> None:
        with self.cursor() as cursor:
            cursor.execute(self._sql("SELECT picture FROM {content}.page WHERE id = %s"), (page,))
            names = [name for (name,) in cursor.fetchall()]
            cursor.execute(self._sql("DELETE FROM {content}.page WHERE id = %s"), (page,))
            for table in ("{content}.outbox", "{users}.mail"):
                cursor.execute(self._sql(f"DELETE FROM {table} WHERE page = %s"), (page,))
        for name in names:
            (PICTURES / name).unlink(missing_ok=True)

    def work(self) -> None:
        """Send pending mail, and update the beat in the database and in the data root."""
        with self.cursor() as cursor:
            cursor.execute(self._sql("UPDATE {content}.beat SET beats = beats + 1"))
            cursor.execute(
                self._sql("UPDATE {users}.mail SET sent = 1 WHERE page IN (SELECT page FROM {content}.outbox)")
            )
            cursor.execute(self._sql("DELETE FROM {content}.outbox"))
        (PICTURES / "beat").write_text(f"{os.getpid()} {secrets.token_hex(8)}\n")


def _hash(salt: str, password: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 1000).hex()
