"""Which database server answers: MySQL or MariaDB, and its version."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cutover_site.database.connections import Connection, one

VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True)
class Product:
    mysql: bool
    version: tuple[int, int, int]

    @property
    def name(self) -> str:
        return f"{'MySQL' if self.mysql else 'MariaDB'} {'.'.join(map(str, self.version))}"


MYSQL = Product(True, (8, 4, 0))
"""of RDS, the target"""


def parse(version: str) -> Product:
    """Read what VERSION() returns, such as `8.4.3` or `10.11.14-MariaDB-0+deb12u2-log`."""
    found = VERSION.search(version)
    numbers = (int(found[1]), int(found[2]), int(found[3] or 0)) if found else (0, 0, 0)
    return Product("mariadb" not in version.lower(), numbers)


def product(connection: Connection) -> Product:
    return parse(str(one(connection, "SELECT VERSION()")))
