"""What every command works with: settings, credentials and output, each made when a command first needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from common.clock import Clock, SystemClock

from operate.output import Output

if TYPE_CHECKING:
    from settings import Settings

    from operate.site import Site


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

    @cached_property
    def site(self) -> Site:
        """Return the site in AWS, with the credentials of the operator."""
        import boto3

        from operate.site import STACKS, Site

        session = boto3.session.Session(region_name=self.settings.aws.region)
        return Site(self.settings, session, self.clock, stacks=self.stacks or tuple(STACKS.values()))
