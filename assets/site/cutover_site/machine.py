"""This machine: its identity, its settings and its site. Everything that a verb needs, created once, and replaced in tests."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cutover_site.aws.metadata import Metadata
from cutover_site.config import SiteConfig
from cutover_site.errors import NotConfigured, Refused
from cutover_site.layout import Layout
from cutover_site.proxy.modes import ProxyModes
from cutover_site.proxy.runtime import Runtime

# Imported when they are used: `check-source` runs on a machine that has no boto3.
if TYPE_CHECKING:
    from cutover_site.aws.run_record import RunRecord
    from cutover_site.aws.session import Aws


@dataclass
class Machine:
    """The machine that this tool runs on. Each property is read once."""

    layout: Layout = field(default_factory=Layout)
    metadata: Metadata = field(default_factory=Metadata)

    @cached_property
    def config(self) -> SiteConfig:
        """Return the settings of site.json."""
        return SiteConfig.load(self.layout)

    @cached_property
    def instance_id(self) -> str:
        """Return the EC2 instance id."""
        return self.metadata.read_instance_id()

    @cached_property
    def aws(self) -> Aws:
        """Return the AWS services."""
        from cutover_site.aws.session import Aws

        return Aws(site=self.config.site, region=self.config.region)

    @cached_property
    def tags(self) -> dict[str, str]:
        """Return this instance's tags: from the metadata if possible, which is much faster than the API of EC2."""
        return self.metadata.read_tags() or self.aws.read_tags(self.instance_id)

    @cached_property
    def site(self) -> dict[str, Any]:
        """Return the parameter `site`, which DataStack writes: what the servers of the site need, also when the migration is gone."""
        return self.aws.read_json_parameter("site")

    @cached_property
    def replication(self) -> dict[str, Any]:
        """Return the parameter `replication`, which ReplicationStack writes. A target reads the parameter `site` instead."""
        return self.site if self.role == "target" else self.aws.read_json_parameter("replication")

    @cached_property
    def target(self) -> dict[str, Any]:
        """Return the parameter `target`, which TestLaunchStack writes. A target reads the parameter `site` instead."""
        return self.site if self.role == "target" else self.aws.read_json_parameter("target")

    @cached_property
    def record(self) -> RunRecord:
        """Return the run record of this site."""
        from cutover_site.aws.run_record import RunRecord

        return RunRecord(self.aws.dynamodb, str(self.get_fact("runs_table")), self.config.site)

    @cached_property
    def proxy(self) -> ProxyModes:
        """Return the modes of this machine's proxy."""
        return ProxyModes(self.layout.proxy, Runtime(self.layout.proxy_socket))

    @property
    def name(self) -> str:
        """Return role and instance id, for messages."""
        return f"{self.role} {self.instance_id}"

    @cached_property
    def role(self) -> str:
        """Return this machine's role by its tag. Not by its disk, because a replica's disk has the role of the source."""
        return self.tags.get("cutover:role", "")

    def get_fact(self, key: str) -> Any:
        """Return one key of the parameter `replication`, on a target of `site`. Raises NotConfigured."""
        try:
            return self.replication[key]
        except KeyError as error:
            name = "site" if self.role == "target" else "replication"
            raise NotConfigured(f"parameter /cutover/{self.config.site}/{name} has no {key}") from error

    def require_role(self, *roles: str) -> None:
        """Raise Refused when this machine has none of these roles. Every verb that changes something calls it first."""
        if self.role not in roles:
            raise Refused(
                f"{self.instance_id} is {self.role or 'without the tag cutover:role'}, this only runs on {' or '.join(roles)}",
                next_action="run it on the right machine",
            )

    def require_root(self) -> None:
        """Raise Refused when this process does not run as root."""
        if os.geteuid() != 0:
            raise Refused("cutover-site changes the system and must run as root")

    def read_site_secret(self, identifier: str = "") -> dict[str, str]:
        """Return the site's own secret. Raises NotConfigured with the keys that are missing in it."""
        name = identifier or str(self.get_fact("site_secret"))
        found = self.aws.read_secret(name)
        if missing := [key for key in self.layout.application.secret.required if not found.get(key)]:
            raise NotConfigured(
                f"secret {name} has no {', '.join(missing)}",
                next_action="cutover-site configure on the source writes them",
            )
        return found
