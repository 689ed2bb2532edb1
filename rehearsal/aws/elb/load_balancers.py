"""Run a real load balancer in every subnet that the API's records give to one."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from rehearsal.aws.elb import exceptions
from rehearsal.aws.elb.haproxy import Balancer
from rehearsal.aws.elb.models import TargetViews
from rehearsal.aws.elb.translate import build_listener, build_target_group, parse_group_name
from rehearsal.aws.network.endpoints import Endpoint, Endpoints
from rehearsal.aws.registry import Registry

Record = Mapping[str, Any]
TYPES = ("LoadBalancer", "Listener", "ListenerRule", "TargetGroup")


class Place(Protocol):
    """Turns an endpoint of the API into one of the world: `rehearsal.world.World` does."""

    def attach(self, name: str, ip: str) -> str:
        """Make a namespace with this address; return its name."""

    def detach(self, name: str) -> None:
        """Remove the namespace."""


@dataclass
class Node:
    """A balancer's part in one subnet."""

    endpoint: Endpoint
    balancer: Balancer


class LoadBalancers:
    """The load balancers. ministack handles the API and keeps the records; `apply` applies them to the nodes. Thread-safe.

    Target health is the result of the nodes' own checks. No API call sets it.
    """

    def __init__(
        self,
        registry: Registry,
        *,
        endpoints: Endpoints,
        place: Place,
        apply_firewall: Callable[[], None],
        folder: Path,
        certificate: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._endpoints, self._place, self._apply_firewall = endpoints, place, apply_firewall
        self._folder, self._certificate = folder, certificate
        self._records = {
            name: registry.get_records("alb", name)
            for name in ("lbs", "tgs", "listeners", "rules", "targets", "tg_attrs")
        }
        self._nodes: dict[str, list[Node]] = {}
        self._lock = threading.RLock()
        registry.register_actions("elbv2", {}, changed=lambda _: self.apply())
        for kind in TYPES:
            registry.wrap_type(
                f"AWS::ElasticLoadBalancingV2::{kind}",
                after=lambda *_: self._apply_records(),
                gone=lambda _: self.apply(),
            )

    def apply(self) -> None:
        """Update every balancer to the records. Return when they are up to date."""
        with self._lock:
            records = dict(self._records["lbs"])
            for arn in self._nodes.keys() - records.keys():
                self._remove(arn)
            for arn, record in records.items():
                if arn not in self._nodes:
                    self._add(arn, record)
                self._follow_groups(arn, record)
                self._configure(arn)

    def find_addresses(self, name: str) -> list[str] | None:
        """Return the addresses of a balancer's DNS name: public ones, for an internal balancer private ones.

        None: no such balancer.
        """
        with self._lock:
            for arn, record in self._records["lbs"].items():
                if record["DNSName"].lower() == name:
                    ends = [node.endpoint for node in self._nodes.get(arn, ())]
                    return [end.public_ip or end.ip for end in ends]
        return None

    def close(self) -> None:
        """Stop every balancer."""
        with self._lock:
            for arn in list(self._nodes):
                self._remove(arn)

    def check_targets(self, target_group_arn: str) -> list[TargetViews]:
        """Return each registered target with what the nodes that route to it see of it. Raises ApiError for an unknown group."""
        with self._lock:
            record = self._records["tgs"].get(target_group_arn)
            if record is None:
                raise exceptions.target_group_not_found(target_group_arn)
            registered = self._records["targets"].get(target_group_arn, [])
            serving = [nodes for arn, nodes in self._nodes.items() if target_group_arn in self._list_groups(arn)]
            seen = [
                node.balancer.read_health(parse_group_name(target_group_arn)) for nodes in serving for node in nodes
            ]
        return [
            TargetViews(
                id=one["Id"],
                port=int(one.get("Port") or record["Port"]),
                views=tuple(view[one["Id"]] for view in seen if one["Id"] in view),
                is_used=bool(serving),
            )
            for one in registered
        ]

    def _apply_records(self) -> Mapping[str, Any]:
        self.apply()
        return {}

    def _add(self, arn: str, record: Record) -> None:
        nodes: list[Node] = []
        self._nodes[arn] = nodes
        mappings = [one["SubnetId"] for one in record.get("SubnetMappings") or ()]
        for subnet in record["Subnets"] or mappings:
            name = f"elb-{hashlib.sha256(f'{arn} {subnet}'.encode()).hexdigest()[:10]}"
            internet = record["Scheme"] == "internet-facing"
            endpoint = self._endpoints.add(name, subnet_id=subnet, groups=record["SecurityGroups"], public=internet)
            namespace = self._place.attach(name, endpoint.ip)
            nodes.append(Node(endpoint, Balancer(namespace=namespace, folder=self._folder / name)))
        self._apply_firewall()

    def _remove(self, arn: str) -> None:
        for node in self._nodes.pop(arn):
            node.balancer.stop()
            self._place.detach(node.endpoint.name)
            self._endpoints.remove(node.endpoint.name)
        self._apply_firewall()

    def _follow_groups(self, arn: str, record: Record) -> None:
        groups = tuple(record["SecurityGroups"])
        moved = [node for node in self._nodes[arn] if groups and node.endpoint.groups != groups]
        for node in moved:
            node.endpoint.groups = groups
        if moved:
            self._apply_firewall()

    def _list_groups(self, arn: str) -> list[str]:
        """Return the ARNs of the target groups that the balancer's listeners and rules name."""
        found: dict[str, None] = {}
        for record in self._list_listeners(arn):
            for actions in (record["DefaultActions"], *(rule["Actions"] for rule in self._list_rules(record))):
                for action in actions:
                    several = action.get("ForwardConfig", {}).get("TargetGroups", [])
                    for group in [action.get("TargetGroupArn"), *(one["TargetGroupArn"] for one in several)]:
                        if group in self._records["tgs"]:
                            found[group] = None
        return list(found)

    def _list_listeners(self, arn: str) -> list[Record]:
        return [one for one in self._records["listeners"].values() if one["LoadBalancerArn"] == arn]

    def _list_rules(self, record: Record) -> list[Record]:
        return [one for one in self._records["rules"].values() if one["ListenerArn"] == record["ListenerArn"]]

    def _configure(self, arn: str) -> None:
        listeners = [
            build_listener(one, self._list_rules(one), self._certificate(arn) if one["Protocol"] == "HTTPS" else None)
            for one in self._list_listeners(arn)
        ]
        if not listeners:
            for node in self._nodes[arn]:
                node.balancer.stop()
            return
        groups = [
            build_target_group(
                self._records["tgs"][group],
                self._records["targets"].get(group, []),
                self._records["tg_attrs"].get(group, []),
                self._find_address,
            )
            for group in self._list_groups(arn)
        ]
        for node in self._nodes[arn]:
            node.balancer.apply(listeners, groups)

    def _find_address(self, instance: str) -> str | None:
        endpoint = self._endpoints.get(instance)
        return endpoint.ip if endpoint else None
