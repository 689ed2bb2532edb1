"""What every command works with: settings, credentials and output, each made when a command first needs it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from common.clock import Clock, SystemClock

from operate.output import Output

if TYPE_CHECKING:
    from settings import Settings

    from operate.prices.model import Prices
    from operate.site import Site
    from operate.status import Plan


@dataclass
class App:
    """The options that stand before the command."""

    config: Path
    stacks: Sequence[str] = ()
    """names of the stacks with the state machines; empty: those of this release"""
    output: Output = field(default_factory=Output)
    clock: Clock = field(default_factory=SystemClock)

    @cached_property
    def settings(self) -> Settings:
        """Return the settings of migration.toml. Raises SettingsError."""
        from settings import Settings

        return Settings.load(self.config)

    def read_plan(self) -> Plan:
        """Return what the settings say about a run: its limits and the steps that not every run has."""
        from common.settings import Limits
        from settings.zones import ZoneElsewhere

        from operate.status import Plan

        return Plan(
            limits=Limits(**self.settings.limits.model_dump(exclude_none=True)),
            has_gate=self.settings.cutover.has_gate,
            names_elsewhere=isinstance(self.settings.site.hosted_zone, ZoneElsewhere),
        )

    def read_prices(self) -> Prices:
        """Return the list prices of what the site uses, and why others are not known. Needs seconds; raises only SettingsError."""
        from operate.prices.cache import FILE, PriceCache
        from operate.prices.price_list import read_prices
        from operate.prices.queries import list_queries

        endpoint = os.environ.get("AWS_ENDPOINT_URL_PRICING") or os.environ.get("AWS_ENDPOINT_URL") or "AWS"
        cache = PriceCache(self.config.absolute().parent / FILE, endpoint)
        region = self.settings.aws.region
        return read_prices(self.site.create_price_client, list_queries(self.settings), region, cache, self.clock.now)

    @cached_property
    def site(self) -> Site:
        """Return the site in AWS, with the credentials of the operator."""
        from operate.session import open_session
        from operate.site import STACKS, Site

        session = open_session(self.settings.aws.region)
        return Site(self.settings, session, self.clock, stacks=self.stacks or tuple(STACKS.values()))
