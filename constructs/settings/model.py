"""Define migration.toml as frozen models. A model refuses every unknown key and every value of another type."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal, Self

import applications
from applications.profile import Port, Profile
from common.settings import Limits as DefaultLimits
from pydantic import Field, StringConstraints, model_validator

from settings.base import Model
from settings.certificate import find_certificate_problem
from settings.cores import count_cores
from settings.cutover import CutoverSettings
from settings.errors import UnexpectedValueError
from settings.hooks import MAX_HOOKS, Hook, find_problem
from settings.providers import ProviderSettings
from settings.regions import Region
from settings.sources import ExistingSource, SourceSettings
from settings.sources.demo import RELEASE_TABLE
from settings.sources.values import PortNumber, is_hybrid
from settings.values import (
    DatabaseInstanceType,
    DnsName,
    EmailAddress,
    EngineVersion,
    ImageId,
    InstanceType,
    ReplicationInstanceClass,
    UrlPath,
)
from settings.zones import HostedZone, Route53Zone, ZoneElsewhere

Seconds = Annotated[int, Field(ge=1, le=43200)]


class Site(Model):
    """The site and its names.

    `name` is part of all run-time names, so it follows the rules of DMS: no hyphen at the end, and no two hyphens in a row.
    `dns_name` is the name that users type, before and after the migration. `path`: below which they reach the
    site, empty where it has the whole name. `ssh_port`: where they reach Git over SSH; None is the profile's port.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z](-?[a-z0-9])*$", max_length=20)] = applications.DEFAULT
    dns_name: DnsName
    path: UrlPath = ""
    ssh_dns_name: DnsName | None = None
    ssh_port: PortNumber | None = None
    hosted_zone: HostedZone
    certificate_arn: str | None = None

    @model_validator(mode="after")
    def _check_names_in_zone(self) -> Self:
        zone = self.hosted_zone
        if isinstance(zone, Route53Zone):
            names = {"dns_name": self.dns_name, "ssh_dns_name": self.ssh_name}
            if key := zone.find_name_outside(names):
                raise ValueError(f"{key} to be {zone.name} or to end with .{zone.name}")
        if self.ssh_name == self.dns_name:
            raise ValueError(
                f"ssh_dns_name to differ from dns_name: a load balancer for HTTP carries no SSH, so Git over SSH needs a "
                f"name of its own, such as ssh.{self.dns_name} (leave ssh_dns_name out for this one)"
            )
        return self

    @property
    def hosted_zone_id(self) -> str:
        """Return the id of the zone in Route 53; empty where SourceStack creates it, and for a zone that somebody keeps elsewhere."""
        return (self.hosted_zone.id or "") if isinstance(self.hosted_zone, Route53Zone) else ""

    @property
    def ssh_name(self) -> str:
        """Return the name of Git over SSH: never the site's name, because a load balancer for HTTP carries no SSH."""
        return self.ssh_dns_name or f"ssh.{self.dns_name}"

    def get_port_name(self, port: Port) -> str:
        """Return the name by which users reach a port that is not HTTP. Each such port has its own load balancer, and so its own name."""
        return getattr(self, f"{port.name}_dns_name", None) or f"{port.name}.{self.dns_name}"

    def get_port_number(self, port: Port) -> int:
        """Return the number at which users reach a port that is not HTTP, before and after the migration."""
        found: int | None = getattr(self, f"{port.name}_port", None)
        return found or port.number

    @property
    def source_url(self) -> str:
        """Return the site's own URL at the source, with a final slash."""
        return f"http://{self.dns_name}/"

    @property
    def url(self) -> str:
        """Return the site's own URL at the target, with a final slash. It is HTTPS exactly when the site has a certificate."""
        return f"http{'s' if self.certificate_arn else ''}://{self.dns_name}{self.path}/"


class Aws(Model):
    """The region of all stacks."""

    region: Region


class Database(Model):
    """The target's database, RDS MySQL.

    `on_delete`: what happens to rows and files when the stack is deleted. RDS increases `storage_gib` by itself, to five
    times the size and 65536 at most. It requires a maximum that is at least a tenth above the first size.
    """

    instance_type: DatabaseInstanceType = "t3.medium"
    engine_version: EngineVersion = "8.4.8"
    storage_gib: Annotated[int, Field(ge=20, le=59578)] = 20
    backup_days: Annotated[int, Field(ge=1, le=35)] = 7
    on_delete: Literal["keep", "delete"] = "keep"

    @property
    def cores(self) -> int:
        """Return the number of processor cores that the class has at least."""
        return count_cores(self.instance_type)


class Replication(Model):
    """The replication of the rows by DMS.

    `create_dms_roles`: create the roles of fixed names that exist once per account; false where the account has them.
    """

    instance_class: ReplicationInstanceClass = "dms.t3.medium"
    storage_gib: Annotated[int, Field(ge=20, le=6144)] = 50
    create_dms_roles: bool = True
    lag_alarm_seconds: Annotated[int, Field(ge=1, le=86400)] = 60


class Target(Model):
    """The servers of the target site, over two zones.

    The group starts with `minimum` servers. `nat_gateways`: with 2, each zone has its own. `image_id`: the image of the servers;
    None is the image that the test launch makes. `protected`: CloudFormation refuses to delete DataStack and ServersStack.
    """

    instance_type: InstanceType = "t3.medium"
    minimum: Annotated[int, Field(ge=2, le=20)] = 2
    maximum: Annotated[int, Field(ge=2, le=20)] = 4
    nat_gateways: Annotated[int, Field(ge=1, le=2)] = 1
    image_id: ImageId | None = None
    protected: bool = False

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError("minimum <= maximum")
        return self


class Messages(Model):
    """The messages for people. `email`: addresses that are subscribed to their topic."""

    email: Annotated[list[EmailAddress], Field(max_length=20)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _check_each_once(self) -> Self:
        if len({address.lower() for address in self.email}) < len(self.email):
            raise ValueError("email to have each address once")
        return self


class Limits(Model):
    """The limits of the procedure, in seconds (`freeze_attempts` is a number). The procedure rolls a run back when a wait exceeds its limit.

    A limit that is left out has the procedure's own default.
    """

    replication_wait: Seconds | None = None
    launch: Seconds | None = None
    report: Seconds | None = None
    image: Seconds | None = None
    bulk: Seconds | None = None
    verify: Seconds | None = None
    stop_writes: Seconds | None = None
    freeze_attempt: Seconds | None = None
    freeze_attempts: Seconds | None = None
    freeze_hold: Annotated[int, Field(ge=1, le=60)] | None = None
    freeze: Seconds | None = None
    drain: Seconds | None = None
    delta: Seconds | None = None
    activate: Seconds | None = None
    accept: Seconds | None = None
    command: Seconds | None = None
    public_names: Seconds | None = None
    hooks: Seconds | None = None
    go: Annotated[int, Field(ge=1, le=2700)] | None = None
    cleanup: Seconds | None = None
    lock_lease: Seconds | None = None
    freeze_lease: Seconds | None = None
    commit_margin: Seconds | None = None
    replication_lag: Seconds | None = None
    consistency_age: Seconds | None = None


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
            raise ValueError(f"application to be one of {', '.join(applications.list_names())}")
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
            raise ValueError(f"site.ssh_dns_name to be left out: {self.profile.title} has no port for SSH")
        if self.site.ssh_port and "ssh" not in {port.name for port in self.profile.tcp}:
            raise ValueError(f"site.ssh_port to be left out: {self.profile.title} has no port for SSH")
        if self.site.ssh_port and not isinstance(self.source, ExistingSource):
            raise ValueError("site.ssh_port to be left out: SourceStack installs the demo with the port of its profile")
        if self.site.path and not isinstance(self.source, ExistingSource):
            raise ValueError("site.path to be left out: SourceStack installs the demo with a host name of its own")
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
            raise ValueError(f"site.certificate_arn to be {problem}")
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
        )
        if problem:
            raise ValueError(problem)
        return self
