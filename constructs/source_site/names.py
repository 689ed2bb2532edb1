"""Describe the names by which users reach the site, before and after the migration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from applications.profile import Profile
from common.site_parameters import TcpPort
from settings.site import Site


@dataclass(frozen=True, kw_only=True)
class PublicNames:
    """The names whose records the procedure moves, and the hosted zone of these records."""

    hosted_zone_id: str
    dns_name: str
    tcp: tuple[TcpPort, ...] = ()
    """each public port of the profile that is not HTTP, with its own name"""

    @classmethod
    def from_settings(cls, site: Site, profile: Profile, *, hosted_zone_id: str) -> Self:
        """Return the names that migration.toml gives to the site and to the profile's ports."""
        return cls(
            hosted_zone_id=hosted_zone_id,
            dns_name=site.dns_name,
            tcp=tuple(
                TcpPort(name=port.name, number=site.get_port_number(port), dns_name=site.get_port_name(port))
                for port in profile.tcp
                if port.public
            ),
        )
