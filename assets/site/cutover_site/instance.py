"""What the application of one machine is configured with: facts of the site and of the machine, in no application's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cutover_site.database.login import DatabaseLogin

InstanceMode = Literal["source", "scratch", "live"]
SOURCE_ID = "source"
"""in place of the source's instance id, which its settings must not follow"""


@dataclass(frozen=True)
class InstanceSettings:
    """`database` and `secret` hold secrets: never logged, and in no repr.

    `mode`: `source`, or which data a target serves. `dns_names`: by the name of a port that is not HTTP; empty where it has none of its own.
    `schemas`: by the name of the live schema, the one to use. `secret`: the site's secret.
    """

    instance_id: str
    mode: InstanceMode
    site_url: str
    database: DatabaseLogin
    schemas: Mapping[str, str]
    secret: Mapping[str, str] = field(repr=False)
    dns_names: Mapping[str, str] = field(default_factory=dict)
    is_background_allowed: bool = False
    """work that the application does by itself: on exactly one machine of a live site, nowhere on a copy"""

    @property
    def is_source(self) -> bool:
        """Return whether the machine is the source."""
        return self.mode == "source"

    @property
    def is_copy(self) -> bool:
        """Return whether it serves a scratch copy, which must send nothing to anybody."""
        return self.mode == "scratch"


@dataclass(frozen=True)
class Installation:
    """What was found on a source that the tool has not configured, or has before.

    `secret`: values of the site's secret that the application has already; they replace generated ones. `identity_headers`: headers that name
    a user to the application, which its front must delete from every request. `warnings`: what configuring changes for users.
    """

    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    identity_headers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
