"""Listeners, rules, target groups and health, in the terms of ELBv2. Times are seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Target:
    """`id` is the instance's, or the address again for targets of type ip."""

    id: str
    ip: str
    port: int


@dataclass(frozen=True)
class HealthCheck:
    """`path` and `codes` (as AWS writes them: "200", "200-299", "200,301") only for HTTP. `port` None: the traffic's own."""

    protocol: Literal["HTTP", "HTTPS", "TCP"] = "HTTP"
    port: int | None = None
    path: str = "/"
    codes: str = "200"
    interval: int = 30
    timeout: int = 5
    unhealthy: int = 2


@dataclass(frozen=True)
class TargetGroup:
    """`name` is unique among the groups of one balancer. `stickiness`: duration of the balancer's own cookie, None without."""

    name: str
    protocol: Literal["HTTP", "TCP"]
    targets: tuple[Target, ...] = ()
    check: HealthCheck = field(default_factory=HealthCheck)
    stickiness: int | None = None


@dataclass(frozen=True)
class Forward:
    """An action that forwards to a target group."""

    group: str


@dataclass(frozen=True)
class FixedResponse:
    """The response of a rule that forwards to nobody."""

    status: int
    content_type: str = "text/plain"
    body: str = ""


@dataclass(frozen=True)
class Redirect:
    """A redirect; `location` has the placeholders of ELBv2."""

    location: str
    status: Literal[301, 302] = 302


Action = Forward | FixedResponse | Redirect


@dataclass(frozen=True)
class Rule:
    """Matches when every given condition does; within one condition any value is enough. Paths and hosts may hold * and ?."""

    priority: int
    action: Action
    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    headers: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Listener:
    """`certificate`: path of a PEM file with chain and key, for HTTPS."""

    port: int
    protocol: Literal["HTTP", "HTTPS", "TCP"]
    default: Action
    rules: tuple[Rule, ...] = ()
    certificate: str | None = None


@dataclass(frozen=True)
class Health:
    """A target as its balancer sees it. `up` is None until its first check has ended. `why` is the result of the last check."""

    up: bool | None
    why: str


@dataclass(frozen=True)
class TargetViews:
    """A registered target with the health that each node reports. `is_used`: a balancer routes to its group."""

    id: str
    port: int
    views: tuple[Health, ...]
    is_used: bool
