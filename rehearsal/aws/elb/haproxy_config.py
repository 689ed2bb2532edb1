"""Render listeners and target groups as a configuration of HAProxy."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from rehearsal.aws.elb.models import (
    Action,
    FixedResponse,
    Forward,
    HealthCheck,
    Listener,
    Redirect,
    Rule,
    TargetGroup,
)

# An ALB closes an idle connection after 60 seconds, an NLB forgets an idle flow after 350.
HTTP_IDLE, TCP_IDLE = "60s", "350s"

# How ELBv2 names the parts of a redirect, and HAProxy. A path keeps its first slash in both.
_PLACES = {
    "#{protocol}": "%[ssl_fc,iif(https,http)]",
    "#{host}": "%[req.hdr(host),field(1,:)]",
    "#{port}": "%[dst_port]",
    "/#{path}": "%[path]",
    "#{path}": "%[path]",
    "#{query}": "%[query]",
}


def render(listeners: Iterable[Listener], groups: Sequence[TargetGroup], *, socket: Path, states: Path) -> str:
    """Return the whole file. `socket` is the path of its runtime API, `states` the file from which a reload takes the targets' health."""
    parts = [
        "global",
        f"  stats socket {socket} mode 600 level admin expose-fd listeners",
        "  hard-stop-after 30s",
        "  maxconn 2000",
        f"  server-state-file {states}",
        "defaults",
        "  timeout connect 5s",
        f"  timeout client {HTTP_IDLE}",
        f"  timeout server {HTTP_IDLE}",
        "  option redispatch",
        "  load-server-state-from-file global",
    ]
    for listener in listeners:
        parts += _render_frontend(listener)
    for group in groups:
        parts += _render_backend(group)
    return "\n".join(parts) + "\n"


def _render_frontend(listener: Listener) -> list[str]:
    secure = f" ssl crt {listener.certificate}" if listener.protocol == "HTTPS" else ""
    head = [f"frontend listener_{listener.port}", f"  bind :{listener.port}{secure}"]
    if listener.protocol == "TCP":
        assert isinstance(listener.default, Forward)
        return [*head, "  mode tcp", f"  timeout client {TCP_IDLE}", f"  default_backend {listener.default.group}"]
    # The headers that an ALB adds to each request. As on AWS, values that the client sent stay in front.
    head += [
        "  mode http",
        "  option forwardfor",
        f"  http-request set-header X-Forwarded-Proto {'https' if secure else 'http'}",
        f"  http-request set-header X-Forwarded-Port {listener.port}",
    ]
    responses: list[str] = []
    routes: list[str] = []
    matched: list[str] = []
    for rule in sorted(listener.rules, key=lambda one: one.priority):
        name = f"rule_{rule.priority}"
        # HAProxy ends a request with `return` before it routes any: so a rule holds only where no earlier one did.
        earlier = " ".join(f"!{{ var(txn.{one}) -m bool }}" for one in matched)
        head += [f"  acl {name}_{part} {test}" for part, test in enumerate(_render_conditions(rule))]
        together = " ".join(f"{name}_{part}" for part in range(len(_render_conditions(rule))))
        head.append(f"  http-request set-var(txn.{name}) bool(true) if {together} {earlier}".rstrip())
        matched.append(name)
        _add_action(rule.action, f"if {{ var(txn.{name}) -m bool }}", responses, routes)
    _add_action(listener.default, "", responses, routes)
    return [*head, *responses, *routes]


def _add_action(action: Action, condition: str, responses: list[str], routes: list[str]) -> None:
    if isinstance(action, Forward):
        routes.append(f"  use_backend {action.group} {condition}" if condition else f"  default_backend {action.group}")
    elif isinstance(action, FixedResponse):
        body = f"content-type {_quote(action.content_type)} string {_quote(action.body)}" if action.body else ""
        rest = "" if condition else _render_exclusion(routes)
        responses.append(f"  http-request return status {action.status} {body} {condition}{rest}".rstrip())
    else:
        rest = "" if condition else _render_exclusion(routes)
        responses.append(
            f"  http-request redirect location {_render_location(action)} code {action.status} {condition}{rest}".rstrip()
        )


def _render_exclusion(routes: Sequence[str]) -> str:
    """Return the condition that keeps a default response from what an earlier rule forwards."""
    conditions = [route.split(" if ", 1)[1] for route in routes if " if " in route]
    return f"unless {' or '.join(conditions)}" if conditions else ""


def _render_conditions(rule: Rule) -> list[str]:
    tests = []
    if rule.hosts:
        tests.append(f"req.hdr(host),field(1,:) -m reg -i {' '.join(map(_render_pattern, rule.hosts))}")
    if rule.paths:
        tests.append(f"path -m reg {' '.join(map(_render_pattern, rule.paths))}")
    if rule.methods:
        tests.append(f"method {' '.join(rule.methods)}")
    if rule.sources:
        tests.append(f"src {' '.join(rule.sources)}")
    tests += [f"req.hdr({name}) -m reg -i {' '.join(map(_render_pattern, values))}" for name, values in rule.headers]
    return tests


def _render_pattern(wildcards: str) -> str:
    inside = re.sub(r"^\(\?s:(.*)\)\\[Zz]$", r"\1", fnmatch.translate(wildcards))
    return _quote(f"^{inside}$")


def _render_location(redirect: Redirect) -> str:
    location = redirect.location
    for place, fetch in _PLACES.items():
        location = location.replace(place, fetch)
    return _quote(location)


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("\n", "\\n")
    return f'"{escaped}"'


def _render_backend(group: TargetGroup) -> list[str]:
    lines = [f"backend {group.name}", f"  mode {group.protocol.lower()}", "  balance roundrobin"]
    if group.protocol == "TCP":
        lines.append(f"  timeout server {TCP_IDLE}")
    if group.stickiness and group.protocol == "HTTP":
        lines.append(f"  cookie AWSALB insert indirect nocache maxlife {group.stickiness}s")
    lines += _render_check(group.check)
    for target in group.targets:
        check = group.check
        port = f" port {check.port}" if check.port else ""
        # A new target must pass one check. HAProxy 2.6 counts the same for a target that was unhealthy.
        times = f"inter {check.interval}s fastinter {check.interval}s rise 1 fall {check.unhealthy}"
        cookie = f" cookie {target.id}" if group.stickiness and group.protocol == "HTTP" else ""
        lines.append(f"  server {target.id}:{target.port} {target.ip}:{target.port} check{port} {times}{cookie}")
    return lines


def _render_check(check: HealthCheck) -> list[str]:
    lines = [f"  timeout check {check.timeout}s"]
    if check.protocol == "TCP":
        return [*lines, "  option tcp-check"]
    codes = check.codes if "-" in check.codes or "," not in check.codes else check.codes.replace(",", " ")
    return [
        *lines,
        "  option httpchk",
        f"  http-check send meth GET uri {_quote(check.path)} ver HTTP/1.1 hdr Host balancer hdr User-Agent ELB-HealthChecker/2.0",
        f"  http-check expect status {codes.replace(' ', ',')}",
    ]
