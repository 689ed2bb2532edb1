"""The placeholders of migration.toml that a deploy would carry to AWS: they have the form of a value, and no service accepts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from settings.zones import Route53Zone

from operate.checks.demo import find_placeholder_digest
from operate.checks.finding import Finding, found_problem

if TYPE_CHECKING:
    from settings import Settings

AREA = "settings"
RESERVED_ZONES = frozenset({"example.com", "example.net", "example.org"})
"""RFC 2606. Route 53 refuses to create a zone of such a name"""


def find_placeholders(settings: Settings) -> list[Finding]:
    """Return a problem for each value that was left as it is in the file of the project."""
    found, zone = find_placeholder_digest(settings, AREA), settings.site.hosted_zone
    if isinstance(zone, Route53Zone) and zone.id is None and zone.name in RESERVED_ZONES:
        found.append(
            found_problem(
                AREA,
                f"site.hosted_zone is {zone.name}, a reserved name of which Route 53 creates no zone",
                "write a domain of yours into [site] and [site.hosted_zone], with the id of its zone",
            )
        )
    return found
