"""What a run is, and what it must know about the world to work on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

Kind = Literal["test-launch", "cutover"]
Launch = Literal["TEST", "CUTOVER"]
PORT_SUFFIX = "_port"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One execution of a state machine. Parsed from the execution's input, the same in all its steps."""

    run_id: str
    kind: Kind
    cutover_id: str
    dry_run: bool = False
    deadline: float = 0.0
    """no commit after this moment (epoch), 0 for none: who started the run will have given up on it"""
    target: dict[str, Any] = field(default_factory=dict)
    """facts about the target site that the parameter cannot hold yet when the stack is created; they win over the parameter"""

    @property
    def launch(self) -> Launch:
        return "TEST" if self.kind == "test-launch" else "CUTOVER"

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> "Run":
        kind = raw["kind"]
        if kind not in ("test-launch", "cutover"):
            raise ValueError(f"unknown kind of run: {kind!r}")
        return cls(
            run_id=str(raw["run_id"]),
            kind=kind,
            cutover_id=str(raw["cutover_id"]),
            dry_run=bool(raw.get("dry_run", False)),
            deadline=float(raw.get("deadline") or 0),
            target=dict(raw.get("target") or {}),
        )


@dataclass(frozen=True, kw_only=True)
class Replication:
    """SSM parameter `replication`, written by ReplicationStack. See docs/reference.md."""

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


@dataclass(frozen=True, kw_only=True)
class TcpPort:
    """A public port of the site that is not HTTP, with a load balancer and a name of its own. `number`: the same on source and target."""

    name: str
    number: int
    dns_name: str = ""
    load_balancer_dns: str = ""
    load_balancer_zone_id: str = ""

    @property
    def address(self) -> str:
        """HOST:PORT of its load balancer."""
        return f"{self.load_balancer_dns}:{self.number}"


@dataclass(frozen=True, kw_only=True)
class Target:
    """SSM parameter `target` and what the run was given. A field that does not exist yet is empty."""

    topic_arn: str = ""
    queue_url: str = ""
    load_balancer_dns: str = ""
    load_balancer_zone_id: str = ""
    tcp: tuple[TcpPort, ...] = ()
    """stored as `<name>_port`, `<name>_dns_name`, `<name>_load_balancer_dns` and `<name>_load_balancer_zone_id`"""
    admission_security_group_id: str = ""
    auto_scaling_group: str = ""
    site_dns_name: str = ""
    hosted_zone_id: str = ""
    site_url: str = ""

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> "Target":
        """Keys that this version does not know are left out; an empty value is one that does not exist yet."""
        names = {f.name for f in fields(cls)} - {"tcp"}
        known = {name: raw[name] for name in names if raw.get(name) not in (None, "")}
        return cls(**known, tcp=tuple(_tcp_ports(raw)))


def _tcp_ports(raw: Mapping[str, Any]) -> Iterator[TcpPort]:
    for key, number in raw.items():
        name, found, _ = key.partition(PORT_SUFFIX)
        if found and key.endswith(PORT_SUFFIX) and number not in (None, ""):
            stored = {f.name: raw.get(f"{name}_{f.name}") for f in fields(TcpPort) if f.default == ""}
            yield TcpPort(name=name, number=int(number), **{key: str(value) for key, value in stored.items() if value})
