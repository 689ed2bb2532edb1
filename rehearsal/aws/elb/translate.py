"""Turn the API's records of listeners, rules and target groups into models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, cast

from rehearsal.aws.elb.models import (
    Action,
    FixedResponse,
    Forward,
    HealthCheck,
    Listener,
    Redirect,
    Rule,
    Target,
    TargetGroup,
)
from rehearsal.aws.exceptions import NotEmulated

Record = Mapping[str, Any]
Address = Callable[[str], str | None]
"""Private address of an instance; None when it has none."""

_CONDITIONS = {
    "host-header": "hosts",
    "path-pattern": "paths",
    "http-request-method": "methods",
    "source-ip": "sources",
}


def parse_group_name(arn: str) -> str:
    """Return the last part of the ARN, which is unique among all groups."""
    return arn.rsplit("/", 1)[-1]


def build_listener(record: Record, rules: Iterable[Record], certificate: str | None) -> Listener:
    """Turn a listener and its rules into a model. Raises NotEmulated for an action or a condition that is not emulated."""
    protocol = record["Protocol"]
    if protocol not in ("HTTP", "HTTPS", "TCP"):
        raise NotEmulated(f"a listener with protocol {protocol}")
    own = tuple(_build_rule(one) for one in rules if not one["IsDefault"])
    return Listener(int(record["Port"]), protocol, _build_action(record["DefaultActions"]), own, certificate)


def build_target_group(
    record: Record, targets: Iterable[Record], attributes: Iterable[Record], address: Address
) -> TargetGroup:
    """Turn a target group into a model. A registered instance without an address is left out, because it is terminating."""
    settings = {one["Key"]: one["Value"] for one in attributes}
    sticky = settings.get("stickiness.enabled") == "true"
    found = []
    for one in targets:
        ip = one["Id"] if record["TargetType"] == "ip" else address(one["Id"])
        if ip:
            found.append(Target(one["Id"], ip, int(one.get("Port") or record["Port"])))
    return TargetGroup(
        name=parse_group_name(record["TargetGroupArn"]),
        protocol="TCP" if record["Protocol"] == "TCP" else "HTTP",
        targets=tuple(found),
        check=_build_check(record),
        stickiness=int(settings.get("stickiness.lb_cookie.duration_seconds", 86400)) if sticky else None,
    )


def _build_check(record: Record) -> HealthCheck:
    port = record["HealthCheckPort"]
    return HealthCheck(
        protocol=cast("Literal['HTTP', 'HTTPS', 'TCP']", record["HealthCheckProtocol"]),
        port=None if port == "traffic-port" else int(port),
        path=record["HealthCheckPath"],
        codes=record["Matcher"]["HttpCode"],
        interval=int(record["HealthCheckIntervalSeconds"]),
        timeout=int(record["HealthCheckTimeoutSeconds"]),
        unhealthy=int(record["UnhealthyThresholdCount"]),
    )


def _build_rule(record: Record) -> Rule:
    found: dict[str, Any] = {}
    for condition in record["Conditions"]:
        field = condition["Field"]
        if field == "http-header":
            one = condition["HttpHeaderConfig"]
            found["headers"] = (*found.get("headers", ()), (one["HttpHeaderName"], tuple(one["Values"])))
        elif field in _CONDITIONS:
            found[_CONDITIONS[field]] = tuple(condition["Values"])
        else:
            raise NotEmulated(f"a listener rule's condition {field}")
    return Rule(int(record["Priority"]), _build_action(record["Actions"]), **found)


def _build_action(actions: Iterable[Record]) -> Action:
    action = max(actions, key=lambda one: int(one.get("Order") or 1))
    kind = action["Type"]
    if kind == "forward":
        groups = action.get("ForwardConfig", {}).get("TargetGroups", [])
        if len(groups) > 1:
            raise NotEmulated("forwarding to several weighted target groups")
        return Forward(parse_group_name(action.get("TargetGroupArn") or groups[0]["TargetGroupArn"]))
    if kind == "fixed-response":
        fixed = action["FixedResponseConfig"]
        return FixedResponse(
            int(fixed["StatusCode"]), fixed.get("ContentType") or "text/plain", fixed.get("MessageBody") or ""
        )
    if kind == "redirect":
        return _build_redirect(action["RedirectConfig"])
    raise NotEmulated(f"a listener's action {kind}")


def _build_redirect(record: Record) -> Redirect:
    part = {
        name: record.get(name) or default
        for name, default in (
            ("Protocol", "#{protocol}"),
            ("Host", "#{host}"),
            ("Port", "#{port}"),
            ("Path", "/#{path}"),
            ("Query", "#{query}"),
        )
    }
    location = f"{part['Protocol'].lower()}://{part['Host']}:{part['Port']}{part['Path']}?{part['Query']}"
    return Redirect(location, 301 if record["StatusCode"] == "HTTP_301" else 302)
