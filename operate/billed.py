"""What a migration and its site are billed for, from the settings. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from operate.prices import queries
from operate.prices.model import NOT_KNOWN, Prices

if TYPE_CHECKING:
    from settings import Settings

MONTHLY, ONCE = "as long as it exists", "during the run"
Parts = tuple[tuple[str, float | None], ...]
"""keys of operate.prices.queries, each with its quantity; None where the amount of data decides"""


@dataclass(frozen=True, kw_only=True)
class Billed:
    """One kind of resource."""

    what: str
    size: str
    count: int
    stack: str
    until: str
    """when it ends, or the command that ends it"""
    billed: str = MONTHLY
    parts: Parts = ()
    """what its price is made of; empty: its price depends on use or on the provider"""
    price: str = NOT_KNOWN

    def to_json(self) -> dict[str, Any]:
        """Return the resource for programs."""
        return {name: value for name, value in asdict(self).items() if name != "parts"}


REMOVE_MIGRATION = "npx cdk destroy MigrationStack TestLaunchStack ReplicationStack"
STAYS = "it is part of the site that stays"


def list_billed(settings: Settings) -> list[Billed]:
    """Return what is billed by the hour or by the amount: of the site that stays, of the replication, of one run."""
    database, target, replication = settings.database, settings.target, settings.replication
    return [
        Billed(what="RDS for MySQL, Multi-AZ", size=f"db.{database.instance_type}, {database.storage_gib} GiB", count=1, stack="DataStack", until=STAYS, parts=((queries.RDS, 1), (queries.RDS_STORAGE, database.storage_gib))),
        Billed(what="EFS", size="by the amount of data", count=1, stack="DataStack", until=STAYS, parts=((queries.EFS, None),)),
        Billed(what="NAT gateway", size="and its traffic", count=target.nat_gateways, stack="DataStack", until=STAYS, parts=((queries.NAT, target.nat_gateways),)),
        Billed(what="servers of the site", size=target.instance_type, count=target.minimum, stack="ServersStack", until=f"{STAYS}; up to {target.maximum} by load", parts=((queries.SERVER, target.minimum),)),
        Billed(what="load balancers", size="one for HTTP, one for each other port", count=1 + len(settings.profile.tcp), stack="ServersStack", until=STAYS, parts=((queries.HTTP_BALANCER, 1), (queries.TCP_BALANCER, len(settings.profile.tcp)))),
        Billed(what="DMS instance", size=f"{replication.instance_class}, {replication.storage_gib} GiB", count=1, stack="ReplicationStack", until=REMOVE_MIGRATION, parts=((queries.DMS, 1),)),
        Billed(what="replication server of the provider", size="and its staging disks, as large as those of the source", count=1, stack="the provider's", until="the run finalizes the replication"),
        Billed(what="replica", size="as launched by the provider, with the source's disks", count=1, stack="the provider's", until="the run removes it", billed=ONCE),
        Billed(what="image with its snapshots", size="as large as the data of the source's system disk", count=1, stack="TestLaunchStack", until="the servers start from it: keep it"),
        Billed(what="functions, state machines, logs, evidence, alarms", size="by use", count=1, stack="ReplicationStack, TestLaunchStack, MigrationStack", until=REMOVE_MIGRATION),
    ]  # fmt: skip


def add_prices(billed: Iterable[Billed], prices: Prices) -> list[Billed]:
    """Return the same resources with their list prices, where these are known."""
    return [replace(one, price=prices.describe(one.parts)) for one in billed]
