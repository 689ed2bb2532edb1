"""Define migration.toml as frozen models. A model refuses every unknown key and every value of another type."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Self

import applications
from applications.profile import Profile
from common.settings import Limits as DefaultLimits
from pydantic import Field, StringConstraints, model_validator

from settings.base import Model
from settings.certificate import find_certificate_problem
from settings.cutover import CutoverSettings
from settings.destination import Database, Replication, Target
from settings.errors import UnexpectedValueError
from settings.hooks import MAX_HOOKS, Hook, find_problem
from settings.limits import Limits
from settings.providers import ProviderSettings
from settings.regions import Region
from settings.site import Site
from settings.sources import ExistingSource, SourceSettings
from settings.sources.demo import RELEASE_TABLE
from settings.sources.values import is_hybrid
from settings.values import EmailAddress
from settings.zones import ZoneElsewhere


class Aws(Model):
    """The region of all stacks."""

    region: Region


class Messages(Model):
    """The messages for people. `email`: addresses that are subscribed to their topic."""

    email: Annotated[list[EmailAddress], Field(max_length=20)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _check_each_once(self) -> Self:
        if len({address.lower() for address in self.email}) < len(self.email):
            raise ValueError("email to have each address once")
        return self


class Migration(Model):
    """The whole file.

    A changed `cutover_id` starts a new run; a deployment with the same one repeats nothing.
    """

    cutover_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
    aws: Aws
    site: Site
    provider: ProviderSettings
    application: str = applications.DEFAULT
    source: SourceSettings
    database: Database = Database()
    replication: Replication = Replication()
    target: Target = Target()
    messages: Messages = Messages()
    hooks: Annotated[list[Hook], Field(max_length=MAX_HOOKS)] = Field(default_factory=list)
    cutover: CutoverSettings = CutoverSettings()
    limits: Limits = Limits()

    @model_validator(mode="before")
    @classmethod
    def _move_release_to_source(cls, values: Any) -> Any:
        """Move the table with the application's name into the table [source], whose kind decides whether it may be there.

        Raises ValueError for an application without a profile.
        """
        if not isinstance(values, dict):
            return values
        name = values.get("application", applications.DEFAULT)
        if not isinstance(name, str) or name not in applications.list_names():
            raise UnexpectedValueError(f"one of {', '.join(applications.list_names())}", "application")
        others = {key: value for key, value in values.items() if key != name}
        source, release = values.get("source", {}), values.get(name)
        if name in values and isinstance(source, dict):
            release = {**release, "application": name} if isinstance(release, dict) else release
            source = {**source, RELEASE_TABLE: release}
        return {**others, "source": source}

    @property
    def profile(self) -> Profile:
        """Return the application profile of this site."""
        found = applications.load(self.application)
        return replace(found, database=found.database.rename_primary(name)) if (name := self.other_schema) else found

    @property
    def other_schema(self) -> str:
        """Return the name of the primary schema; empty where it is that of the profile."""
        return (self.source.database.schema_name or "") if isinstance(self.source, ExistingSource) else ""

    @property
    def existing_schema(self) -> str:
        """Return the name of the primary schema of an existing source; empty for the demo, which has that of its profile."""
        return self.profile.database.primary if isinstance(self.source, ExistingSource) else ""

    @property
    def replica_instance_type(self) -> str:
        """Return the type of the launched replica; empty for a source in EC2, whose own type the provider uses.

        A server outside of EC2 has none. Its replica gets the type of the servers that start from its image.
        """
        source = self.source
        is_outside = isinstance(source, ExistingSource) and is_hybrid(source.application.node_id)
        return self.target.instance_type if is_outside else ""

    @property
    def hook_points(self) -> frozenset[str]:
        """Return the points of a run that have a hook."""
        return frozenset(hook.point for hook in self.hooks)

    @model_validator(mode="after")
    def _check_names_of_ports(self) -> Self:
        if self.site.ssh_dns_name and "ssh" not in {port.name for port in self.profile.tcp}:
            raise UnexpectedValueError(
                f"no ssh_dns_name: {self.profile.title} has no port for SSH", "site", "ssh_dns_name"
            )
        if self.site.ssh_port and "ssh" not in {port.name for port in self.profile.tcp}:
            raise UnexpectedValueError(f"no ssh_port: {self.profile.title} has no port for SSH", "site", "ssh_port")
        if self.site.ssh_port and not isinstance(self.source, ExistingSource):
            raise UnexpectedValueError(
                "no ssh_port: SourceStack installs the demo with the port of its profile", "site", "ssh_port"
            )
        if self.site.path and not isinstance(self.source, ExistingSource):
            raise UnexpectedValueError(
                "no path: SourceStack installs the demo with a host name of its own", "site", "path"
            )
        return self

    @model_validator(mode="after")
    def _check_zone(self) -> Self:
        zone, existing = self.site.hosted_zone, isinstance(self.source, ExistingSource)
        if isinstance(zone, ZoneElsewhere):
            if existing:
                return self
            raise UnexpectedValueError(
                "route53: SourceStack creates the records of the demo in Route 53", "site", "hosted_zone", "kind"
            )
        if existing and zone.id is None:
            raise UnexpectedValueError(
                "the id of the hosted zone that holds the public names: only SourceStack creates a zone, and an existing source has no "
                'SourceStack (or kind = "elsewhere", for a zone that is not in Route 53)',
                "site",
                "hosted_zone",
                "id",
            )
        return self

    @model_validator(mode="after")
    def _check_certificate_region(self) -> Self:
        if (arn := self.site.certificate_arn) is None:
            return self
        if problem := find_certificate_problem(arn, region=self.aws.region):
            raise UnexpectedValueError(problem, "site", "certificate_arn")
        return self

    @model_validator(mode="after")
    def _check_provider_region(self) -> Self:
        if problem := self.provider.find_problem(region=self.aws.region):
            raise ValueError(f"provider.{problem}")
        return self

    @model_validator(mode="after")
    def _check_hooks(self) -> Self:
        defaults = DefaultLimits()
        problem = find_problem(
            self.hooks,
            region=self.aws.region,
            hold_seconds=self.limits.freeze_hold or defaults.freeze_hold,
            limit_seconds=self.limits.hooks or defaults.hooks,
            varying=(self.limits.model_dump_json(exclude_none=True), self.provider.source_server_name),
        )
        if problem:
            raise UnexpectedValueError(problem, "hooks")
        return self
