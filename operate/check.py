"""Check everything that a migration needs, area by area, and report all that is missing at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from common.clock import Clock
from common.settings import Limits

from operate.checks.account import check_account
from operate.checks.clients import CheckClients
from operate.checks.finding import Finding, try_check
from operate.checks.offers import check_offers
from operate.checks.permissions import check_permissions
from operate.checks.quotas import check_quotas
from operate.checks.replication import check_replication
from operate.checks.source import check_source

if TYPE_CHECKING:
    from settings import Settings

AREAS = ("account", "quotas", "offers", "permissions", "replication", "source")


def run_checks(
    site: CheckClients, settings: Settings, clock: Clock, limits: Limits, *, skip: Collection[str] = ()
) -> list[Finding]:
    """Return the findings of every area that is not left out."""
    areas: Mapping[str, Callable[[], list[Finding]]] = {
        "account": lambda: check_account(site, settings),
        "quotas": lambda: check_quotas(site, settings),
        "offers": lambda: check_offers(site, settings),
        "permissions": lambda: check_permissions(site),
        "replication": lambda: check_replication(site, now=clock.now(), limit=limits.replication_lag),
        "source": lambda: check_source(site, settings, clock),
    }
    return [
        finding
        for area in AREAS
        if area not in skip
        for finding in try_check(area, areas[area], what=f"the area {area}")
    ]
