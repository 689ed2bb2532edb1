"""This machine: its identity, its settings and its site. Everything that a verb needs, created once, and replaced in tests."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cutover_site.aws.metadata import Metadata
from cutover_site.config import ROLES, SiteConfig
from cutover_site.configured_for import ConfiguredFor, read_configured_for
from cutover_site.errors import NotConfigured, Refused
from cutover_site.layout import Layout
from cutover_site.node import Node, claim, identify
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
    known_node: Node | None = None
    """this machine as a managed node, where somebody has found it out by other means than the disk"""

    @cached_property
    def config(self) -> SiteConfig:
        """Return the settings of site.json."""
        return SiteConfig.load(self.layout)

    @cached_property
    def named_node(self) -> str:
        """Return the node that site.json names, which may be the one that this machine is a copy of; empty where it names none."""
        return self.config.node_id if self.layout.site_file.exists() else ""

    @cached_property
    def node(self) -> Node:
        """Return this machine as a managed node. Raises NotConfigured or Refused when it is not known (`node.identify`)."""
        return self.known_node or identify(
            self.layout.root, self.named_node, read_configured_for(self.layout), self.metadata
        )

    def claim_source(self) -> ConfiguredFor:
        """Return the record that makes this machine the source, and no copy of its disk.

        Raises NotConfigured or Refused when this machine is not the one that site.json names (`node.claim`).
        """
        if not self.named_node:
            return ConfiguredFor(self.instance_id, "source", background=True)
        owner = read_configured_for(self.layout)
        node, found = claim(self.layout.root, self.named_node, owner, self.metadata)
        return ConfiguredFor(node.id, "source", background=True, hardware=found)

    def view_as_instance(self) -> Machine | None:
        """Return this machine as the EC2 instance that its metadata name, whatever the disk names; None where there are no metadata of EC2."""
        if not self.metadata.has_identity_document():
            return None
        return Machine(self.layout, self.metadata, known_node=Node(self.metadata.read_instance_id(), is_named=False))

    @cached_property
    def instance_id(self) -> str:
        """Return the id by which Systems Manager knows this machine: of an EC2 instance, or of a hybrid node."""
        return self.node.id

    @cached_property
    def aws(self) -> Aws:
        """Return the AWS services, with the credentials of this machine."""
        from cutover_site.aws.session import Aws

        node = self.node if self.named_node else None
        return Aws(site=self.config.site, region=self.config.region, node=node, root=self.layout.root)

    @cached_property
    def tags(self) -> dict[str, str]:
        """Return this instance's tags: from the metadata if possible, which is much faster than the API of EC2. A hybrid node has none."""
        if self.named_node and self.node.is_hybrid:
            return {}
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
        """Return roles and id, for messages."""
        return f"{self.role} {self.instance_id}"

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """Return this machine's roles: by site.json if it names this machine, else by the tag.

        Not by the disk alone, because a replica's disk has the roles of the source. A machine that site.json does not name is never its source.
        """
        if self.named_node and self.node.is_named:
            return self.config.roles
        tag = self.tags.get("cutover:role", "")
        return (tag,) if tag and not (self.named_node and tag in ROLES) else ()

    @property
    def role(self) -> str:
        """Return the roles as text; empty where there is none."""
        return " and ".join(self.roles)

    def has_role(self, role: str) -> bool:
        """Return whether this machine has the role."""
        return role in self.roles

    def get_fact(self, key: str) -> Any:
        """Return one key of the parameter `replication`, on a target of `site`. Raises NotConfigured."""
        try:
            return self.replication[key]
        except KeyError as error:
            name = "site" if self.role == "target" else "replication"
            raise NotConfigured(f"parameter /cutover/{self.config.site}/{name} has no {key}") from error

    def require_role(self, *roles: str) -> None:
        """Raise Refused when this machine has none of these roles. Every verb that changes something calls it first."""
        if not set(self.roles) & set(roles):
            without = (
                f"not {self.named_node}, which site.json names" if self.named_node else "without the tag cutover:role"
            )
            raise Refused(
                f"{self.instance_id} is {self.role or without}, this only runs on {' or '.join(roles)}",
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
