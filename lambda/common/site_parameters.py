"""The parameters below `/cutover/<site>/` in Parameter Store: their names, and what each of them holds.

The one definition for the constructs, which write them, and for the functions and the operator's tools, which read them. The tool on the
machines reads them too, by code of its own: it stands alone there (tests/unit/site_contract/test_parameters.py holds the two together).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Final, Self

SCRATCH: Final = "scratch"
LIVE: Final = "live"
"""values of the parameter `mode`: what an instance of the target serves, the scratch copy or the live data"""


NO_IMAGE: Final = "none"
"""first value of the parameter `image`: no test launch has passed yet"""
ROOT_DEVICE: Final = "/dev/sda1"
"""root device of Canonical's images, and first value of the parameter `image-root-device`"""
SERVERS_IMAGE: Final = "ServersImage"
"""output of ServersStack: the image of its servers, NO_IMAGE while it has none"""
PORT_SUFFIX = "_port"
SSH_PORT: Final = 22
NUMBERS = ("database_port", "source_app_ssh_port", "source_database_port")


class Parameter(StrEnum):
    """Names below `/cutover/<site>/`."""

    REPLICATION = "replication"
    """JSON, `Replication`; by ReplicationStack"""
    TARGET = "target"
    """JSON, `TargetParameter`; by TestLaunchStack"""
    SITE = "site"
    """JSON, `SiteParameter`; by DataStack"""
    MODE = "mode"
    """SCRATCH or LIVE; first by DataStack, then by the procedure"""
    IMAGE = "image"
    """id of the image of the site's servers; first NO_IMAGE by DataStack, then by TestLaunchStack"""
    IMAGE_ROOT_DEVICE = "image-root-device"
    """root device of that image; first ROOT_DEVICE by DataStack, then by TestLaunchStack"""
    SOURCE_APP = "provisioning/source-app"
    SOURCE_DATABASE = "provisioning/source-database"
    """JSON: playbook, asset and variables of a machine's first boot; by SourceStack"""
    ALL = "*"
    """in the resource of a policy"""


def build_parameter_path(site: str, parameter: Parameter) -> str:
    """Return the name of a parameter of the site."""
    return f"/cutover/{site}/{parameter}"


def build_parameter_resource(site: str, parameter: Parameter) -> str:
    """Return the resource part of the parameter's ARN, after `parameter/`: it has no first slash."""
    return build_parameter_path(site, parameter).removeprefix("/")


def build_runs_table_name(site: str) -> str:
    """Return the name of the run record's table. The source's machines may read it before it exists."""
    return f"cutover-{site}-runs"


@dataclass(frozen=True, kw_only=True)
class Replication:
    """Names and ARNs only, never a secret's value."""

    database_endpoint: str
    database_port: int
    database_admin_secret: str
    database_app_secret: str
    source_database_secret: str
    site_secret: str
    file_system_id: str
    evidence_bucket: str
    runs_table: str
    replication_task_arn: str
    source_app_instance_id: str
    source_database_instance_id: str
    source_app_address: str = ""
    """private address; empty where EC2 knows it"""
    source_app_ssh_port: int = SSH_PORT
    """of the SSH server for the delta"""
    source_database_host: str = ""
    """of a managed database: its DNS name or address; empty for a server that Systems Manager manages"""
    source_database_port: int = 0
    target_site_secret: str = ""
    """the secret of the site that stays, into which a replica copies `site_secret`"""
    database_cores: int = 0
    """of the target's database server; 0 in a parameter that an earlier version wrote"""

    def to_json(self) -> dict[str, Any]:
        """Return what the parameter holds. A value that is the default is left out, so that parameters of earlier releases stay valid."""
        defaults = {field.name: field.default for field in fields(self) if field.default is not MISSING}
        return {key: value for key, value in asdict(self).items() if key not in defaults or value != defaults[key]}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return the typed facts. ValueError names the keys that are missing. Unknown keys are left out."""
        names = [field.name for field in fields(cls)]
        required = [field.name for field in fields(cls) if field.default is MISSING]
        if missing := [name for name in required if name not in raw]:
            raise ValueError(f"lacks {', '.join(missing)}")
        known = {name: raw[name] for name in names if name in raw}
        return cls(**{**known, **{name: int(known[name]) for name in NUMBERS if name in known}})


@dataclass(frozen=True, kw_only=True)
class TcpPort:
    """A public port of the site that is not HTTP, with a load balancer and a name of its own.

    `number` is the same on source and target; 0: not known here. The port `ssh` is stored as `ssh_port`, `ssh_dns_name`,
    `ssh_load_balancer_dns` and `ssh_load_balancer_zone_id`.
    """

    name: str
    number: int = 0
    dns_name: str = ""
    load_balancer_dns: str = ""
    load_balancer_zone_id: str = ""

    @property
    def address(self) -> str:
        """HOST:PORT of its load balancer."""
        return f"{self.load_balancer_dns}:{self.number}"

    def to_json(self) -> dict[str, Any]:
        found = {f"{self.name}_{key}": getattr(self, key) for key in NAMES_OF_A_PORT if getattr(self, key)}
        return {**found, f"{self.name}{PORT_SUFFIX}": self.number} if self.number else found


NAMES_OF_A_PORT = ("dns_name", "load_balancer_dns", "load_balancer_zone_id")


@dataclass(frozen=True, kw_only=True)
class TargetParameter:
    """What exists of the target site before the first launch."""

    topic_arn: str = ""
    queue_url: str = ""
    admission_security_group_id: str = ""
    auto_scaling_group: str = ""
    site_url: str = ""
    site_dns_name: str = ""
    tcp: tuple[TcpPort, ...] = ()
    hosted_zone_id: str = ""

    def to_json(self) -> dict[str, Any]:
        return _flatten(self)


@dataclass(frozen=True, kw_only=True)
class SiteParameter:
    """What the site's servers need to know, also when the migration is gone. Names and ARNs only, never a secret's value."""

    database_endpoint: str
    database_port: int
    database_app_secret: str
    site_secret: str
    file_system_id: str
    runs_table: str
    auto_scaling_group: str
    site_url: str
    tcp: tuple[TcpPort, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return _flatten(self)


@dataclass(frozen=True, kw_only=True)
class RunTarget:
    """What comes with the run (property `Target` of Custom::Cutover), because it is made after the test launch."""

    load_balancer_dns: str = ""
    load_balancer_zone_id: str = ""
    tcp: tuple[TcpPort, ...] = ()
    auto_scaling_group: str = ""

    def to_json(self) -> dict[str, Any]:
        return _flatten(self)


@dataclass(frozen=True, kw_only=True)
class Target(TargetParameter, RunTarget):
    """The parameter `target` and what the run was given. A field that does not exist yet is empty."""

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """Return the typed facts. Unknown keys and empty values are left out."""
        names = {field.name for field in fields(cls)} - {"tcp"}
        known = {name: raw[name] for name in names if raw.get(name) not in (None, "")}
        return cls(**known, tcp=tuple(_read_ports(raw)))


def _flatten(stored: TargetParameter | SiteParameter | RunTarget) -> dict[str, Any]:
    found = {field.name: getattr(stored, field.name) for field in fields(stored) if field.name != "tcp"}
    for port in stored.tcp:
        found |= port.to_json()
    return found


def _read_ports(raw: Mapping[str, Any]) -> Iterator[TcpPort]:
    for key, number in raw.items():
        name = key.removesuffix(PORT_SUFFIX)
        if name != key and number not in (None, ""):
            stored = {part: str(raw[f"{name}_{part}"]) for part in NAMES_OF_A_PORT if raw.get(f"{name}_{part}")}
            yield TcpPort(name=name, number=int(number), **stored)
