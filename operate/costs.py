"""List what exists now and is billed: resources of the stacks, and what runs and the provider have made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from common.clients.resources import Finding, Resource, Resources

from operate.orphaned import SITE, WHAT
from operate.prices import queries
from operate.prices.model import NOT_KNOWN, Prices

PERMANENT = ("DataStack", "ServersStack")
TEMPORARY = ("MigrationStack", "TestLaunchStack", "ReplicationStack", "SourceStack")
BILLED: Mapping[str, str] = {
    "AWS::AutoScaling::AutoScalingGroup": "servers, by their number",
    "AWS::CloudWatch::Alarm": "alarm",
    "AWS::CloudWatch::Dashboard": "dashboard",
    "AWS::DMS::ReplicationInstance": "DMS instance, by the hour",
    "AWS::DynamoDB::GlobalTable": "table, by requests",
    "AWS::DynamoDB::Table": "table, by requests",
    "AWS::EC2::EIP": "public address, by the hour",
    "AWS::EC2::Instance": "instance, by the hour, and its disks",
    "AWS::EC2::NatGateway": "NAT gateway, by the hour and by traffic",
    "AWS::EC2::Volume": "disk, by its size",
    "AWS::EC2::VPCEndpoint": "endpoint, by the hour and by traffic",
    "AWS::EFS::FileSystem": "file system, by the amount of data",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "load balancer, by the hour and by traffic",
    "AWS::KMS::Key": "key, by the month",
    "AWS::RDS::DBInstance": "database, by the hour and by its storage",
    "AWS::Route53::HostedZone": "hosted zone, by the month",
    "AWS::S3::Bucket": "bucket, by the amount of data",
    "AWS::SecretsManager::Secret": "secret, by the month",
}
"""types of resources that are billed while they exist. Functions, state machines, queues and logs are billed by use alone, which is little"""


PRICED: Mapping[str, str] = {
    "AWS::DMS::ReplicationInstance": queries.DMS,
    "AWS::EC2::NatGateway": queries.NAT,
    "AWS::EFS::FileSystem": queries.EFS,
}
"""types whose price needs no more than the settings"""
APPLICATION_BALANCER = "loadbalancer/app/"


class CostClients(Protocol):
    """The part of operate.site.Site that this needs."""

    @property
    def name(self) -> str: ...

    @property
    def resources(self) -> Resources: ...

    def list_resources_of(self, stack: str) -> Sequence[Mapping[str, Any]]: ...

    def list_staging(self) -> list[Finding] | None: ...


@dataclass(frozen=True, kw_only=True)
class BilledResource:
    """One resource that exists."""

    what: str
    resource_id: str
    owner: str
    """its stack, or who made it"""
    ends_with: str
    """what removes it"""
    kind: str = ""
    """key of its price (operate.prices.queries); empty: its price depends on use, or on what made it"""
    price: str = NOT_KNOWN

    def to_json(self) -> dict[str, Any]:
        """Return the resource for programs."""
        return {name: value for name, value in asdict(self).items() if name != "kind"}


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What is billed. `unchecked`: what could not be looked at."""

    resources: list[BilledResource]
    unchecked: list[str]


def list_costs(site: CostClients) -> Costs:
    """Return every resource that is billed while it exists."""
    found = [one for stack in (*PERMANENT, *TEMPORARY) for one in _list_of_stack(site, stack)]
    found += [_describe_made(one) for one in site.resources.list_all({SITE: site.name})]
    staging = site.list_staging()
    unchecked = (
        [] if staging is not None else ["replication servers of the provider, which run with its own credentials"]
    )
    found += [
        BilledResource(what=one.what, resource_id=one.resource.resource_id, owner="the provider", ends_with=one.reason)
        for one in staging or []
    ]
    known: dict[str, BilledResource] = {}
    for one in found:
        known.setdefault(one.resource_id, one)
    return Costs(resources=list(known.values()), unchecked=unchecked)


def list_temporary_stacks(site: CostClients) -> list[str]:
    """Return the stacks of the migration that exist: nothing of them is needed after the commit."""
    return [stack for stack in TEMPORARY if site.list_resources_of(stack)]


def _list_of_stack(site: CostClients, stack: str) -> list[BilledResource]:
    ends_with = "nothing: it is part of the site that stays" if stack in PERMANENT else f"npx cdk destroy {stack}"
    return [
        BilledResource(
            what=BILLED[one["ResourceType"]],
            resource_id=str(one["PhysicalResourceId"]),
            owner=stack,
            ends_with=ends_with,
            kind=find_price_key(str(one["ResourceType"]), str(one["PhysicalResourceId"])),
        )
        for one in site.list_resources_of(stack)
        if one["ResourceType"] in BILLED and one.get("PhysicalResourceId")
    ]


def add_prices(costs: Costs, prices: Prices, *, storage_gib: int, servers: int) -> Costs:
    """Return the same with list prices. `storage_gib`: of the database; `servers`: the smallest number of the site's servers."""
    described = [
        replace(one, price=describe_price(one.kind, prices, storage_gib=storage_gib, servers=servers))
        for one in costs.resources
    ]
    return replace(costs, resources=described)


def describe_price(kind: str, prices: Prices, *, storage_gib: int, servers: int) -> str:
    """Return the price of a resource by its key in operate.prices.queries. Without a key it is not known."""
    parts: Mapping[str, tuple[tuple[str, float | None], ...]] = {
        "": (),
        queries.EFS: ((queries.EFS, None),),
        queries.RDS: ((queries.RDS, 1), (queries.RDS_STORAGE, storage_gib)),
        queries.SERVER: ((queries.SERVER, servers),),
    }
    return prices.describe(parts.get(kind, ((kind, 1.0),)))


def find_price_key(kind: str, resource_id: str) -> str:
    """Return the key in operate.prices.queries of a type of CloudFormation. Empty: its price depends on use, or on what made it."""
    if kind == "AWS::ElasticLoadBalancingV2::LoadBalancer":
        return queries.HTTP_BALANCER if APPLICATION_BALANCER in resource_id else queries.TCP_BALANCER
    by_settings = {"AWS::RDS::DBInstance": queries.RDS, "AWS::AutoScaling::AutoScalingGroup": queries.SERVER}
    return by_settings.get(kind) or PRICED.get(kind, "")


def _describe_made(resource: Resource) -> BilledResource:
    """Describe what has the tags of the site: servers and replicas with their disks and images."""
    role, run = resource.tags.get("cutover:role", ""), resource.tags.get("cutover:run-id", "")
    if run:
        return BilledResource(
            what=WHAT[resource.kind],
            resource_id=resource.resource_id,
            owner=f"run {run}",
            ends_with="cutover clean-up, when nothing uses it",
        )
    return BilledResource(
        what=f"{resource.kind} of {role or 'the site'}",
        resource_id=resource.resource_id,
        owner="its stack",
        ends_with="the stack that made it",
    )
