"""What SourceStack will create, for the checks: its servers, its network, and the archive that it installs. Nothing with another source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from settings.cores import count_cores
from settings.sources import DemoSource

from operate.checks.clients import CheckClients
from operate.checks.finding import Finding, found_problem

if TYPE_CHECKING:
    from settings import Settings

STACK = "SourceStack"


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a deploy of the stack adds to the account."""

    cores: int = 0
    addresses: int = 0
    networks: int = 0


def count_needs(site: CheckClients, settings: Settings) -> Needs:
    """Return what the stack will create: two servers, a VPC, and an address of the application server. Nothing if it exists."""
    source = settings.source
    if not isinstance(source, DemoSource) or site.list_resources_of(STACK):
        return Needs()
    cores = count_cores(source.app_instance_type) + count_cores(source.database_instance_type)
    return Needs(cores=cores, addresses=1, networks=1)


def list_instance_types(settings: Settings) -> Mapping[str, str]:
    """Return the EC2 instance types of its servers by key of the settings."""
    source = settings.source
    if not isinstance(source, DemoSource):
        return {}
    return {
        "source.app_instance_type": source.app_instance_type,
        "source.database_instance_type": source.database_instance_type,
    }


def find_placeholder_digest(settings: Settings, area: str) -> list[Finding]:
    """Return a problem when the digest of the archive is that of the file of the project, which matches no archive."""
    source = settings.source
    if not isinstance(source, DemoSource) or source.release.archive_sha256.strip("0"):
        return []
    return [
        found_problem(
            area,
            f"{source.release.application}.archive_sha256 is zeros, which match no archive, so that {STACK} cannot install it",
            f"check the archive, then write its digest: curl -L {source.release.archive_url} | sha256sum",
        )
    ]
