"""Ask for the servers of an existing source, the network that leads to them, and the names of its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from settings.sources.databases import ExistingDatabaseServer
from settings.sources.existing import ExistingApplicationServer, ExistingSecrets
from settings.sources.networks import PeeredVpcSettings, RoutedNetworkSettings
from settings.sources.values import is_hybrid

from operate.init.account import Account, NodeFacts
from operate.init.dialog import Dialog
from operate.init.managed_database import MANAGED, ask_managed_database
from operate.init.prompts import format_offered, split_list, validate

NONE = "none"
Answers = dict[str, Any]


def ask_source(dialog: Dialog, account: Account, name: str) -> Answers:
    """Return the table [source]. `name`: of the site."""
    nodes = account.list_nodes()
    application, facts = _ask_server(dialog, account, "application", nodes, ExistingApplicationServer)
    elsewhere = {NONE: "it is on the application server", MANAGED: "it is a managed service such as RDS"}
    database, database_facts = _ask_server(dialog, account, "database", {**nodes, **elsewhere}, ExistingDatabaseServer)
    is_managed = database.get("node_id") == MANAGED
    if is_managed:
        database = ask_managed_database(dialog, name)
    found = [one for one in (facts, database_facts) if one.vpc_id]
    servers = {"application": application, **({"database": database} if database and not is_managed else {})}
    is_peered = len(found) == len(servers) and len({one.vpc_id for one in found}) == 1
    network = _ask_peered_vpc(dialog, found, is_managed=is_managed) if is_peered else _ask_routed_network(dialog)
    for what, server in servers.items():
        if not is_peered or is_hybrid(server["node_id"]):
            server["address"] = dialog.ask_value(
                ("source", what, "address"),
                f"private address of {server['node_id']}",
                ExistingApplicationServer.model_fields["address"],
            )
    secrets = {
        key: dialog.ask_value(
            ("source", "secrets", key), f"name of the secret {key!r} in Secrets Manager", field, default=f"{name}/{key}"
        )
        for key, field in ExistingSecrets.model_fields.items()
    }
    return {"application": application, "database": database, "network": network, "secrets": secrets}


def _ask_server(
    dialog: Dialog, account: Account, what: str, nodes: Mapping[str, str], model: type[BaseModel]
) -> tuple[Answers, NodeFacts]:
    """Return the answers about one server; none when it has no node of its own, the word for a managed service instead of an id."""
    words = {NONE, MANAGED} & nodes.keys()
    node_id = dialog.ask_text(
        ("source", what, "node_id"),
        f"id of the {what} server in Systems Manager (i-… or mi-…)",
        default=NONE if NONE in nodes else None,
        hint=format_offered(
            "managed nodes", [f"{node} ({computer})" if computer else node for node, computer in nodes.items()]
        ),
        check=lambda text: text if text in words else validate(model.model_fields["node_id"], text),
    )
    if node_id in words:
        return {} if node_id == NONE else {"node_id": node_id}, NodeFacts()
    facts = account.read_node(node_id)
    role = dialog.ask_value(
        ("source", what, "role_name"),
        f"name of the role of {node_id}",
        ExistingApplicationServer.model_fields["role_name"],
        default=facts.role_name or None,
    )
    return {"node_id": node_id, "role_name": role}, facts


def _ask_routed_network(dialog: Dialog) -> Answers:
    fields = RoutedNetworkSettings.model_fields
    cidrs = dialog.ask_text(
        ("source", "network", "cidrs"),
        "networks of the source's servers, separated by commas",
        check=lambda text: validate(fields["cidrs"], split_list(text)),
    )
    gateway = dialog.ask_value(
        ("source", "network", "gateway_id"),
        "id of the transit gateway (tgw-…) or virtual private gateway (vgw-…)",
        fields["gateway_id"],
    )
    return {"kind": "routed", "cidrs": list(cidrs), "gateway_id": gateway}


def _ask_peered_vpc(dialog: Dialog, found: list[NodeFacts], *, is_managed: bool) -> Answers:
    """Return the table of a VPC. `found`: what EC2 knows of its servers. A managed database has another security group than they have."""
    fields, first, last = PeeredVpcSettings.model_fields, found[0], found[-1]
    tables = list(dict.fromkeys(table for one in found for table in one.route_table_ids))

    def ask(key: str, text: str, default: str | None) -> Any:
        return dialog.ask_value(("source", "network", key), text, fields[key], default=default)

    return {
        "kind": "peered",
        "vpc_id": ask("vpc_id", "VPC of the source", first.vpc_id),
        "cidr": ask("cidr", "its network", first.cidr),
        "route_table_ids": list(
            dialog.ask_text(
                ("source", "network", "route_table_ids"),
                "route tables of the servers' subnets, separated by commas",
                default=",".join(tables),
                check=lambda text: validate(fields["route_table_ids"], split_list(text)),
            )
        ),
        "application_group_id": ask("application_group_id", "security group of the application server", first.group_id),
        "database_group_id": ask(
            "database_group_id", "security group of the database", None if is_managed else last.group_id
        ),
    }
