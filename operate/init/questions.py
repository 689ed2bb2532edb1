"""Ask for the values of migration.toml. Each answer is checked at once by the model that reads the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from settings.certificate import find_certificate_problem
from settings.kinds import get_kind_of, list_models
from settings.model import Aws, Migration
from settings.site import Site
from settings.sources.databases import ExistingDatabaseServer
from settings.sources.existing import ExistingApplicationServer, ExistingSecrets
from settings.sources.networks import PeeredVpcSettings, RoutedNetworkSettings
from settings.sources.values import is_hybrid
from settings.zones import Route53Zone

from operate.init.account import Account, NodeFacts
from operate.init.managed_database import MANAGED, ask_managed_database
from operate.init.prompts import LISTED, ask_text, ask_value, validate

ELSEWHERE, NONE = "elsewhere", "none"
Answers = dict[str, Any]


@dataclass(frozen=True)
class Questions:
    """Asks one question after another. `account`: of the region that was answered first."""

    open_account: Callable[[str], Account]
    region: str
    """the default"""

    def ask(self) -> Answers:
        """Return the answers by table of the file."""
        region = ask_value("region of the stacks", Aws.model_fields["region"], default=self.region)
        account = self.open_account(region)
        click.echo(f"signed in as {account.read_caller()}", err=True)
        site = _ask_site(account, region)
        provider = _ask_provider(account, site["name"])
        source = _ask_source(account, site["name"])
        manual = click.confirm("shall a run wait for `cutover go` before its window", default=True, err=True)
        for note in dict.fromkeys(account.notes):
            click.echo(f"not looked up: {note}", err=True)
        return {
            "aws": {"region": region},
            "site": site,
            "provider": provider,
            "source": source,
            "cutover": {"go": "manual" if manual else "automatic"},
        }


def _ask_site(account: Account, region: str) -> Answers:
    site: Answers = {
        "name": ask_value(
            "short name of the site, for its resources",
            Site.model_fields["name"],
            default=Site.model_fields["name"].default,
        )
    }
    site |= ask_text(
        "name that users type, with its path if it has one, such as git.example.com or www.example.com/git", check=_parse_address
    )  # fmt: skip
    zones = {name: zone for name, zone in account.list_zones().items() if f".{site['dns_name']}".endswith(f".{name}")}
    longest = max(zones, key=len, default="")
    answer = ask_text(
        f"id of the hosted zone in Route 53, or {ELSEWHERE!r} for another DNS provider", default=zones.get(longest, ELSEWHERE),
        check=lambda text: text if text == ELSEWHERE else validate(Route53Zone.model_fields["id"], text),
    )  # fmt: skip
    if answer == ELSEWHERE:
        site["hosted_zone"] = {"kind": ELSEWHERE}
    else:
        known = {zone: name for name, zone in zones.items()}.get(answer)
        parent = known or site["dns_name"].partition(".")[2]
        site["hosted_zone"] = {
            "name": ask_value("name of that zone", Route53Zone.model_fields["name"], default=parent),
            "id": answer,
        }
    certificates = [*account.list_certificates(site["dns_name"]), NONE]
    certificate = ask_text(
        f"ARN of the ACM certificate, or {NONE!r}", default=certificates[0], offered=certificates,
        check=lambda text: text if text == NONE else _check_certificate(text, region),
    )  # fmt: skip
    return {**site, **({} if certificate == NONE else {"certificate_arn": certificate})}


def _parse_address(answer: str) -> Answers:
    """Return `dns_name`, and `path` if the address has one. UsageError states what is expected."""
    name, _, path = answer.partition("/")
    found = {"dns_name": validate(Site.model_fields["dns_name"], name)}
    return {**found, "path": validate(Site.model_fields["path"], f"/{path}".rstrip("/"))} if path else found


def _check_certificate(arn: str, region: str) -> str:
    """Return the ARN. UsageError states what is expected."""
    if problem := find_certificate_problem(arn, region=region):
        raise click.UsageError(f"expected {problem}")
    return arn


def _ask_provider(account: Account, name: str) -> Answers:
    models = {get_kind_of(model): model for model in list_models(Migration.model_fields["provider"].annotation)}
    fewest = min(models, key=lambda kind: len(_list_required(models[kind])))
    kind = click.prompt(
        "provider that replicates the server", type=click.Choice(sorted(models)), default=fewest, err=True
    )
    servers = account.list_servers(kind)
    answers: Answers = {"kind": kind}
    for key, field in _list_required(models[kind]).items():
        if key == "source_server_name":
            default = servers[0] if servers else name
            answers[key] = ask_value(
                "server to migrate, by its name at the provider", field, default=default, offered=servers
            )
        else:
            answers[key] = ask_value(key.replace("_", " "), field)
    return answers


def _ask_source(account: Account, name: str) -> Answers:
    nodes = account.list_nodes()
    application, facts = _ask_server(account, "application", nodes, ExistingApplicationServer)
    elsewhere = {NONE: "it is on the application server", MANAGED: "it is a managed service such as RDS"}
    database, database_facts = _ask_server(account, "database", {**nodes, **elsewhere}, ExistingDatabaseServer)
    is_managed = database.get("node_id") == MANAGED
    if is_managed:
        database = ask_managed_database(name)
    found = [one for one in (facts, database_facts) if one.vpc_id]
    servers = [application, *([database] if database and not is_managed else [])]
    is_peered = len(found) == len(servers) and len({one.vpc_id for one in found}) == 1
    network = _ask_network(found, is_peered=is_peered, is_managed=is_managed)
    for server in servers:
        if not is_peered or is_hybrid(server["node_id"]):
            server["address"] = ask_value(
                f"private address of {server['node_id']}", ExistingApplicationServer.model_fields["address"]
            )
    secrets = {
        key: ask_value(f"name of the secret {key!r} in Secrets Manager", field, default=f"{name}/{key}")
        for key, field in ExistingSecrets.model_fields.items()
    }
    return {"application": application, "database": database, "network": network, "secrets": secrets}


def _ask_server(
    account: Account, what: str, nodes: Mapping[str, str], model: type[BaseModel]
) -> tuple[Answers, NodeFacts]:
    """Return the answers about one server; none when it has no node of its own, the word for a managed service instead of an id."""
    offered = [f"{node} ({computer})" if computer else node for node, computer in nodes.items()]
    words = {NONE, MANAGED} & nodes.keys()
    if offered:
        click.echo(f"managed nodes: {', '.join(offered[:LISTED])}", err=True)
    node_id = ask_text(
        f"id of the {what} server in Systems Manager (i-… or mi-…)", default=NONE if NONE in nodes else None,
        check=lambda text: text if text in words else validate(model.model_fields["node_id"], text),
    )  # fmt: skip
    if node_id in words:
        return {} if node_id == NONE else {"node_id": node_id}, NodeFacts()
    facts = account.read_node(node_id)
    role = ask_value(
        f"name of the role of {node_id}",
        ExistingApplicationServer.model_fields["role_name"],
        default=facts.role_name or None,
    )
    return {"node_id": node_id, "role_name": role}, facts


def _ask_network(found: list[NodeFacts], *, is_peered: bool, is_managed: bool) -> Answers:
    if not is_peered:
        cidrs = ask_text(
            "networks of the source's servers, separated by commas",
            check=lambda text: validate(RoutedNetworkSettings.model_fields["cidrs"], _split(text)),
        )
        gateway = ask_value(
            "id of the transit gateway (tgw-…) or virtual private gateway (vgw-…)",
            RoutedNetworkSettings.model_fields["gateway_id"],
        )
        return {"kind": "routed", "cidrs": list(cidrs), "gateway_id": gateway}
    fields, first, last = PeeredVpcSettings.model_fields, found[0], found[-1]
    tables = list(dict.fromkeys(table for one in found for table in one.route_table_ids))
    return {
        "kind": "peered",
        "vpc_id": ask_value("VPC of the source", fields["vpc_id"], default=first.vpc_id),
        "cidr": ask_value("its network", fields["cidr"], default=first.cidr),
        "route_table_ids": list(ask_text("route tables of the servers' subnets, separated by commas", default=",".join(tables), check=lambda text: validate(fields["route_table_ids"], _split(text)))),
        "application_group_id": ask_value("security group of the application server", fields["application_group_id"], default=first.group_id),
        "database_group_id": ask_value("security group of the database", fields["database_group_id"], default=None if is_managed else last.group_id),
    }  # fmt: skip


def _list_required(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {name: field for name, field in model.model_fields.items() if field.is_required() and name != "kind"}


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
