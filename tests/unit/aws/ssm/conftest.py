"""Systems Manager over records of the tests: no ministack, no machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rehearsal.aws import wire
from rehearsal.aws.control import Call
from rehearsal.aws.ec2.instances import Instances
from rehearsal.aws.registry import Action, Registry
from rehearsal.aws.role_sessions import Role, RoleSessions
from rehearsal.aws.ssm.agents import Agents
from rehearsal.aws.ssm.api.activations import ActivationApi
from rehearsal.aws.ssm.api.nodes import NodeApi
from rehearsal.aws.ssm.nodes import ManagedNodes
from rehearsal.aws.ssm.registrations import Registrations
from rehearsal.aws.tags import Tags
from rehearsal.settings import ACCOUNT
from rehearsal.world import Credentials

ROLE = "HybridNodes"
ADDRESS = "192.168.7.20"


class FakeSessions:
    """IAM with three roles."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, str]] = []
        self.roles = {
            name: Role(name, f"arn:aws:iam::{ACCOUNT}:role/{path}{name}", frozenset({service}))
            for name, path, service in (
                (ROLE, "", "ssm.amazonaws.com"),
                ("Nodes", "service-role/", "ssm.amazonaws.com"),
                ("Servers", "", "ec2.amazonaws.com"),
            )
        }

    def find_role(self, name: str) -> Role | None:
        return self.roles.get(name)

    def assume(self, role_arn: str, session: str, duration: timedelta) -> Credentials:
        self.begun.append((role_arn, session))
        number = len(self.begun)
        return Credentials(f"ASIA{number}", f"secret-{number}", f"token-{number}", datetime.now(UTC) + duration)


@dataclass
class Service:
    """The service, and what it knows of the world."""

    mounts: Path
    sessions: FakeSessions = field(default_factory=FakeSessions)
    registrations: Registrations = field(default_factory=Registrations)
    actions: dict[str, Action] = field(default_factory=dict)
    instances: list[Any] = field(default_factory=list)
    running: set[str] = field(default_factory=lambda: {"forge"})
    duration: timedelta = timedelta(hours=1)

    def __post_init__(self) -> None:
        registry = cast("Registry", SimpleNamespace(register_actions=lambda _, table, **__: self.actions.update(table)))
        sessions = cast("RoleSessions", self.sessions)
        self.nodes = ManagedNodes(
            cast("Instances", SimpleNamespace(list_all=lambda: self.instances)),
            cast("Tags", SimpleNamespace(of=lambda _: {})),
            self.registrations,
            is_running=self.running.__contains__,
            mounts=self.mounts,
        )
        NodeApi(registry, self.nodes, self.registrations, sessions)
        ActivationApi(registry, self.registrations, sessions)
        self.agents = Agents(self.registrations, sessions, {ADDRESS: "forge"}.get, self.duration)

    def call(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Call an action, and check its response against the model of the API."""
        response = self.actions[action](**parameters)
        wire.serialize_success(wire.load_service("ssm"), action, response)
        return dict(response or {})

    def send(self, request: str, **document: Any) -> tuple[int, Any]:
        """Send a request of an agent."""
        return self.agents(Call("POST", request, {}, json.dumps(document).encode()))

    def register(self, activation: dict[str, Any], **other: Any) -> tuple[int, Any]:
        """Register the machine forge."""
        facts = {"fingerprint": "own", "computerName": "forge.example.org", "address": ADDRESS}
        codes = {"activationId": activation["ActivationId"], "activationCode": activation["ActivationCode"]}
        return self.send("register", **{**facts, **codes, **other})


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


@pytest.fixture
def make_instance() -> Callable[[str], Any]:
    def make(instance_id: str) -> Any:
        return SimpleNamespace(
            id=instance_id, alive=True, profile="profile", state="running", endpoint=SimpleNamespace(ip="10.0.0.9")
        )

    return make
