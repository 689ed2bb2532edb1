"""Define the table [site]: the site and its names."""

from __future__ import annotations

from typing import Annotated, Self

import applications
from applications.profile import Port
from pydantic import StringConstraints, model_validator

from settings.base import Model
from settings.errors import UnexpectedValueError
from settings.sources.values import PortNumber
from settings.values import DnsName, UrlPath
from settings.zones import HostedZone, Route53Zone

LONGEST_NAME = 253
"""characters (RFC 1035, 2.3.4)"""


class Site(Model):
    """The site and its names.

    `name` is part of all run-time names, so it follows the rules of DMS: no hyphen at the end, and no two hyphens in a row.
    `dns_name` is the name that users type, before and after the migration. `path`: below which they reach the
    site, empty where it has the whole name. `ssh_port`: where they reach Git over SSH; None is the profile's port.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z](-?[a-z0-9])*$", max_length=20)] = applications.DEFAULT
    dns_name: DnsName
    path: UrlPath = ""
    ssh_dns_name: DnsName | None = None
    ssh_port: PortNumber | None = None
    hosted_zone: HostedZone
    certificate_arn: str | None = None

    @model_validator(mode="after")
    def _check_length_of_ssh_name(self) -> Self:
        if len(self.ssh_name) > LONGEST_NAME:
            raise UnexpectedValueError(
                f"a name of at most {LONGEST_NAME - len('ssh.')} characters, because Git over SSH has the name ssh.{self.dns_name[:20]}…; "
                "or write ssh_dns_name",
                "dns_name",
            )
        return self

    @model_validator(mode="after")
    def _check_names_in_zone(self) -> Self:
        zone = self.hosted_zone
        if isinstance(zone, Route53Zone):
            names = {"dns_name": self.dns_name, "ssh_dns_name": self.ssh_name}
            if key := zone.find_name_outside(names):
                raise UnexpectedValueError(f"{zone.name} or a name that ends with .{zone.name}", key)
        if self.ssh_name == self.dns_name:
            raise UnexpectedValueError(
                f"another name than dns_name: a load balancer for HTTP carries no SSH, so Git over SSH needs a "
                f"name of its own, such as ssh.{self.dns_name} (leave ssh_dns_name out for this one)",
                "ssh_dns_name",
            )
        return self

    @property
    def hosted_zone_id(self) -> str:
        """Return the id of the zone in Route 53; empty where SourceStack creates it, and for a zone that somebody keeps elsewhere."""
        return (self.hosted_zone.id or "") if isinstance(self.hosted_zone, Route53Zone) else ""

    @property
    def ssh_name(self) -> str:
        """Return the name of Git over SSH: never the site's name, because a load balancer for HTTP carries no SSH."""
        return self.ssh_dns_name or f"ssh.{self.dns_name}"

    def get_port_name(self, port: Port) -> str:
        """Return the name by which users reach a port that is not HTTP. Each such port has its own load balancer, and so its own name."""
        return getattr(self, f"{port.name}_dns_name", None) or f"{port.name}.{self.dns_name}"

    def get_port_number(self, port: Port) -> int:
        """Return the number at which users reach a port that is not HTTP, before and after the migration."""
        found: int | None = getattr(self, f"{port.name}_port", None)
        return found or port.number

    @property
    def source_url(self) -> str:
        """Return the site's own URL at the source, with a final slash."""
        return f"http://{self.dns_name}/"

    @property
    def url(self) -> str:
        """Return the site's own URL at the target, with a final slash. It is HTTPS exactly when the site has a certificate."""
        return f"http{'s' if self.certificate_arn else ''}://{self.dns_name}{self.path}/"
