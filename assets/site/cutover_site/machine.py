"""This machine: who it is, what it was told, which site it belongs to. Everything a verb needs, made once, injected in tests."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from cutover_site.aws.metadata import Metadata
from cutover_site.aws.run_record import RunRecord
from cutover_site.aws.session import Aws
from cutover_site.config import SiteConfig
from cutover_site.errors import NotConfigured, Refused
from cutover_site.layout import Layout


@dataclass
class Machine:
    layout: Layout = field(default_factory=Layout)
    metadata: Metadata = field(default_factory=Metadata)

    @cached_property
    def config(self) -> SiteConfig:
        return SiteConfig.load(self.layout)

    @cached_property
    def instance_id(self) -> str:
        return self.metadata.instance_id()

    @cached_property
    def aws(self) -> Aws:
        return Aws(site=self.config.site, region=self.config.region)

    @cached_property
    def tags(self) -> dict[str, str]:
        """From the metadata where they are there: that is much faster than EC2's API, and seconds count in the window."""
        return self.metadata.tags() or self.aws.tags(self.instance_id)

    @cached_property
    def replication(self) -> dict[str, Any]:
        """Parameter `replication`, of ReplicationStack."""
        return self.aws.facts("replication")

    @cached_property
    def target(self) -> dict[str, Any]:
        """Parameter `target`, of MigrationStack."""
        return self.aws.facts("target")

    @cached_property
    def record(self) -> RunRecord:
        return RunRecord(self.aws.dynamodb, str(self.fact("runs_table")), self.config.site)

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.role} {self.instance_id}"

    @cached_property
    def role(self) -> str:
        """What this machine is now. The tag, not the disk: a launched replica's disk still says what the source was."""
        return self.tags.get("cutover:role", "")

    def fact(self, key: str) -> Any:
        """One key of the parameter `replication`."""
        try:
            return self.replication[key]
        except KeyError as error:
            raise NotConfigured(f"parameter /cutover/{self.config.site}/replication has no {key}") from error

    def must_be(self, *roles: str) -> None:
        """Raises Refused when this machine has another role. The first line of every verb that changes something."""
        if self.role not in roles:
            raise Refused(
                f"{self.instance_id} is {self.role or 'without the tag cutover:role'}, this only runs on {' or '.join(roles)}",
                next_action="run it on the right machine",
            )

    def must_be_root(self) -> None:
        if os.geteuid() != 0:
            raise Refused("cutover-site changes the system and must run as root")

    def site_secret(self, identifier: str = "") -> dict[str, str]:
        """The site's own secret, complete. Raises NotConfigured naming what is missing in it."""
        name = identifier or str(self.fact("site_secret"))
        found = self.aws.secret(name)
        if missing := [key for key in self.layout.application.secret.required if not found.get(key)]:
            raise NotConfigured(
                f"secret {name} has no {', '.join(missing)}",
                next_action="cutover-site configure on the source writes them",
            )
        return found
