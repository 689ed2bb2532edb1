"""The settings that Ansible wrote for this machine: /etc/cutover/site.json. JSON, because Python 3.9 and 3.10 cannot read TOML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import applications

from cutover_site.errors import NotConfigured
from cutover_site.layout import Layout

ROLES = ("source-app", "source-database")
DNS_NAME = "_dns_name"
NODE = re.compile(r"i-([0-9a-f]{8}|[0-9a-f]{17})|mi-[0-9a-f]{17}")


TLS_VERIFY, TLS_ENCRYPT = "verify", "encrypt"
TLS_MODES = (TLS_VERIFY, TLS_ENCRYPT)
"""of the connections to a managed server: its certificate is checked (trust of the system, host name), or only used"""


@dataclass(frozen=True)
class Administrator:
    """How the tool administers a managed database server, on which no tool runs. `secret`: as that of SourceDatabase. `tls`: one of TLS_MODES."""

    secret: str
    tls: str = TLS_VERIFY


@dataclass(frozen=True)
class SourceDatabase:
    """The database server that the source's application uses. `secret`: name or ARN of a secret with `username` and `password`.

    `administrator`: of a managed server (RDS, Cloud SQL); None when root of its machine connects through its socket.
    """

    host: str
    port: int
    secret: str
    administrator: Administrator | None = None


@dataclass(frozen=True)
class SiteConfig:
    """The content of site.json."""

    site: str
    region: str
    roles: tuple[str, ...]
    """the roles that this disk was provisioned for; the role of a launched copy is in its EC2 tag"""
    site_url: str = ""
    dns_names: Mapping[str, str] = field(default_factory=dict)
    """public names by the name of a port that is not HTTP: the keys `<port>_dns_name` of the file"""
    site_secret: str = ""
    source_database: SourceDatabase | None = None
    application: str = applications.DEFAULT
    node_id: str = ""
    """the managed node that was prepared: `i-…` or `mi-…`. Empty: an EC2 instance, which only its metadata and its tag name"""

    @property
    def has_managed_database(self) -> bool:
        """Return whether the source's database is a managed one, which this machine administers over the network."""
        return self.source_database is not None and self.source_database.administrator is not None

    @classmethod
    def load(cls, layout: Layout) -> SiteConfig:
        """Read site.json. Raises NotConfigured with the file and the key."""
        path = layout.site_file
        try:
            raw = json.loads(path.read_text())
        except (OSError, ValueError) as error:
            raise NotConfigured(f"{path} cannot be read: {error}", next_action="run the Ansible playbook") from error
        try:
            return cls._parse(raw)
        except (KeyError, TypeError, ValueError) as error:
            raise NotConfigured(
                f"{path}: {error} is missing or wrong", next_action="run the Ansible playbook"
            ) from error

    @classmethod
    def _parse(cls, raw: dict[str, Any]) -> SiteConfig:
        roles = _parse_roles(raw)
        node_id = str(raw.get("node_id", ""))
        if node_id and not NODE.fullmatch(node_id):
            raise ValueError(f"node_id {node_id!r}, which is neither i-… nor mi-…,")
        if "roles" in raw and not node_id:
            raise ValueError("node_id beside roles")
        database = raw.get("source_database")
        return cls(
            site=str(raw["site"]),
            region=str(raw["region"]),
            roles=roles,
            node_id=node_id,
            site_url=str(raw.get("site_url", "")),
            dns_names={key.removesuffix(DNS_NAME): str(raw[key]) for key in raw if key.endswith(DNS_NAME)},
            site_secret=str(raw.get("site_secret", "")),
            source_database=_parse_database(database) if database else None,
            application=str(raw.get("application") or applications.DEFAULT),
        )


def _parse_database(raw: dict[str, Any]) -> SourceDatabase:
    """Return `source_database`. Raises KeyError, TypeError, ValueError."""
    found = SourceDatabase(host=str(raw["host"]), port=int(raw["port"]), secret=str(raw["secret"]))
    if "administrator" not in raw:
        return found
    administrator = Administrator(str(raw["administrator"]["secret"]), str(raw["administrator"].get("tls", TLS_VERIFY)))
    if administrator.tls not in TLS_MODES:
        raise ValueError(f"tls {administrator.tls!r} of the administrator of source_database")
    return replace(found, administrator=administrator)


def _parse_roles(raw: dict[str, Any]) -> tuple[str, ...]:
    """Return `roles`, or `role` of a disk that has one. Raises KeyError, ValueError."""
    found = raw["roles"] if "roles" in raw else [raw["role"]]
    if not isinstance(found, list) or not found or len(set(map(str, found))) < len(found):
        raise ValueError(f"roles {found!r}")
    for role in found:
        if role not in ROLES:
            raise ValueError(f"role {role!r}")
    return tuple(found)
