"""The table [source.database]: where the database of an existing source is. `kind` selects its keys."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from settings.base import Model
from settings.kinds import read_kind
from settings.sources.values import (
    Address,
    DatabaseHost,
    ExistingSecretName,
    NodeId,
    PortNumber,
    RoleName,
    SchemaName,
)
from settings.values import create_pattern_check

DATABASE_PORT = 3306
DEFAULT_KIND = "server"
"""for files of the releases that knew only servers: they have no `kind`"""
UNSUPPORTED_ENGINES = {
    "mariadb": "MariaDB",
    "aurora-mysql": "Amazon Aurora",
    "aurora": "Amazon Aurora",
    "postgres": "PostgreSQL",
}


def _check_engine(value: str) -> str:
    if value != "mysql":
        name = UNSUPPORTED_ENGINES.get(value, value)
        raise ValueError(
            f'"mysql", and a server of version 8.0.22 or later: this release cannot stop the writes of {name} as a managed '
            "service and prove it; migrate the database to RDS for MySQL or to a server of its own first"
        )
    return value


class ExistingDatabaseServer(Model):
    """The database server. Without `node_id` the database is on the application server.

    `port`: opened in the security group of a peered VPC. A routed network has no such group, and so no port here. `schema` (in the
    file): the application's schema, where it is not that of the profile.
    """

    kind: Literal["server"] = "server"
    node_id: NodeId | None = None
    role_name: RoleName | None = None
    address: Address | None = None
    port: PortNumber | None = None
    schema_name: Annotated[SchemaName | None, Field(alias="schema")] = None
    """`schema` is a method of pydantic's models"""


class ManagedDatabase(Model):
    """A managed service (RDS, Cloud SQL), which has no server that Systems Manager manages. The application server administers it.

    `host`: its DNS name or address, as in the application's settings. `administrator_secret`: name of the secret with the user name and
    the password of its administrator. `certificate_authority`: certificates (PEM) by which AWS DMS checks the server.
    """

    kind: Literal["managed"]
    engine: Annotated[str, AfterValidator(_check_engine)]
    host: DatabaseHost
    port: PortNumber = DATABASE_PORT
    schema_name: Annotated[SchemaName | None, Field(alias="schema")] = None
    administrator_secret: ExistingSecretName
    certificate_authority: Annotated[
        str,
        create_pattern_check(
            r"\s*(-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+",
            "certificates in PEM, in three quotation marks, and nothing between them: for RDS the bundle of its region",
        ),
    ]


def get_kind(table: Any) -> Any:
    """Return the kind that a table [source.database] names, whether it is read from the file or already a model."""
    return read_kind(table, DEFAULT_KIND)


DatabaseSettings = Annotated[
    Annotated[ExistingDatabaseServer, Tag("server")] | Annotated[ManagedDatabase, Tag("managed")],
    Discriminator(get_kind),
]
