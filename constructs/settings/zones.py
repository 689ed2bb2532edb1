"""The table [site.hosted_zone]: who keeps the records of the public names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag

from settings.base import Model
from settings.kinds import read_kind
from settings.values import DnsName, HostedZoneId

DEFAULT_KIND = "route53"
"""For files of the releases that knew only Route 53: they have no `kind`."""


class Route53Zone(Model):
    """A public hosted zone, in which the procedure moves the names. With `id` it exists already; without it SourceStack creates one (demo)."""

    kind: Literal["route53"] = "route53"
    name: DnsName
    id: HostedZoneId | None = None

    def find_name_outside(self, names: dict[str, str]) -> str | None:
        """Return the first key whose name is not in this zone."""
        return next(
            (key for key, name in names.items() if name != self.name and not name.endswith("." + self.name)), None
        )


class ZoneElsewhere(Model):
    """A zone that somebody keeps outside of Route 53. They move the names, and the run waits for that after its commit."""

    kind: Literal["elsewhere"]


def get_kind(table: Any) -> Any:
    """Return the kind that a table [site.hosted_zone] names, whether it is read from the file or already a model."""
    return read_kind(table, DEFAULT_KIND)


HostedZone = Annotated[
    Annotated[Route53Zone, Tag("route53")] | Annotated[ZoneElsewhere, Tag("elsewhere")], Discriminator(get_kind)
]
