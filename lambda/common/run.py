"""What a run is, and what it must know about the world to work on it."""

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["test-launch", "cutover"]
Launch = Literal["TEST", "CUTOVER"]


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
class Target:
    """SSM parameter `target` and what the run was given. A field that does not exist yet is empty."""

    topic_arn: str = ""
    queue_url: str = ""
    load_balancer_dns: str = ""
    load_balancer_zone_id: str = ""
    ssh_load_balancer_dns: str = ""
    ssh_load_balancer_zone_id: str = ""
    ssh_port: int = 2222
    """Gogs's own SSH server has the same port on source and target"""
    admission_security_group_id: str = ""
    auto_scaling_group: str = ""
    site_dns_name: str = ""
    ssh_dns_name: str = ""
    hosted_zone_id: str = ""
    site_url: str = ""
