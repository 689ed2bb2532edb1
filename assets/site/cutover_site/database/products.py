"""The product and version of a database server: MySQL or MariaDB."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cutover_site.database.connections import Connection, fetch_value

VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True)
class Product:
    """A product and its version."""

    mysql: bool
    version: tuple[int, int, int]

    @property
    def name(self) -> str:
        """Return product and version for messages."""
        return f"{'MySQL' if self.mysql else 'MariaDB'} {'.'.join(map(str, self.version))}"


MYSQL = Product(True, (8, 4, 0))
"""the target, on RDS"""


def parse_product(version: str) -> Product:
    """Return the product for a result of VERSION(), such as `8.4.3` or `10.11.14-MariaDB-0+deb12u2-log`."""
    found = VERSION.search(version)
    numbers = (int(found[1]), int(found[2]), int(found[3] or 0)) if found else (0, 0, 0)
    return Product("mariadb" not in version.lower(), numbers)


def read_product(connection: Connection) -> Product:
    """Return the product of a connected server."""
    return parse_product(str(fetch_value(connection, "SELECT VERSION()")))
