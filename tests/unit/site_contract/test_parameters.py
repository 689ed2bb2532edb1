"""The tool on the machines reads only parameters below `/cutover/<site>/` that the constructs write."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from common.site_parameters import LIVE, SCRATCH, Parameter, Replication, SiteParameter, TargetParameter, TcpPort
from cutover_site.errors import NotConfigured
from cutover_site.launch import configuration, serve
from cutover_site.machine import Machine

TOOL = Path(__file__).parents[3] / "assets/site/cutover_site"
REPLICATION = {field.name for field in fields(Replication)}
SSH = TcpPort(name="ssh", number=2222, dns_name="ssh.example.com")
SITE = SiteParameter(
    database_endpoint="db",
    database_port=3306,
    database_app_secret="arn:app",
    site_secret="arn:site",
    file_system_id="fs-1",
    runs_table="runs",
    auto_scaling_group="cutover-gogs",
    site_url="https://git.example.com/",
    tcp=(SSH,),
).to_json()
TARGET = set(TargetParameter(tcp=(SSH,)).to_json())


def walk_nodes() -> Iterator[ast.AST]:
    for path in TOOL.rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text()))


def list_first_arguments(method: str) -> set[str]:
    """Return the literal first arguments of all calls of a method with this name."""
    return {
        node.args[0].value
        for node in walk_nodes()
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == method
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def list_keys_of(parameter: str) -> set[str]:
    """Return the literal keys of `machine.<parameter>` that the tool reads, by index or by get()."""
    found = set()
    for node in walk_nodes():
        if isinstance(node, ast.Subscript):
            holder, key = node.value, node.slice
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            holder, key = node.func.value, node.args[0]
        else:
            continue
        if isinstance(holder, ast.Attribute) and holder.attr == parameter and isinstance(key, ast.Constant):
            found.add(str(key.value))
    return found


def test_the_tool_reads_only_existing_parameters() -> None:
    read = list_first_arguments("read_json_parameter") | list_first_arguments("read_parameter")
    assert read == {Parameter.REPLICATION, Parameter.TARGET, Parameter.SITE, Parameter.MODE}


def test_the_tool_reads_only_existing_keys_of_parameters() -> None:
    replication = list_first_arguments("get_fact") | list_keys_of("replication")
    target = list_keys_of("target")
    assert {"runs_table", "file_system_id", "source_app_ssh_port"} <= replication <= REPLICATION
    assert {"topic_arn", "site_url"} <= target <= TARGET


class OnlyTheSite:
    """The parameters that remain when the migration is gone. Any other is refused."""

    def read_json_parameter(self, name: str) -> dict[str, Any]:
        assert name == Parameter.SITE, f"a target reads {name}, which is gone with the migration"
        return dict(SITE)


def create_machine(role: str, aws: Any) -> Machine:
    machine = Machine()
    machine.__dict__.update(
        roles=(role,), aws=aws, instance_id="i-1", config=SimpleNamespace(site="gogs", site_url="", dns_names={})
    )
    return machine


def test_a_target_reads_nothing_that_ends_with_the_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a target whose migration is gone
    machine = create_machine("target", OnlyTheSite())
    monkeypatch.setattr(machine, "read_site_secret", lambda: {"key": machine.get_fact("site_secret")})
    monkeypatch.setattr(configuration, "read_target_application_login", lambda one: one.get_fact("database_endpoint"))
    # When it is configured, then everything that it reads is there
    described = configuration.describe_target(machine, "live", background=False)
    assert described.site_url == SITE["site_url"]
    assert described.dns_names == {"ssh": "ssh.example.com"}
    assert described.secret == {"key": "arn:site"}
    for key in ("database_app_secret", "database_port", "file_system_id", "runs_table"):
        assert machine.get_fact(key) == SITE[key]
    assert machine.target["auto_scaling_group"] == "cutover-gogs"


def test_a_key_that_the_site_lacks_is_named_with_its_parameter() -> None:
    with pytest.raises(NotConfigured, match="/cutover/gogs/site has no replication_task_arn"):
        create_machine("target", OnlyTheSite()).get_fact("replication_task_arn")


@pytest.mark.parametrize("role", ["replica", "source-app"])
def test_the_other_machines_read_the_parameters_of_the_migration(role: str) -> None:
    class Parameters:
        def read_json_parameter(self, name: str) -> dict[str, str]:
            return {"from": name}

    machine = create_machine(role, Parameters())
    assert (machine.replication["from"], machine.target["from"]) == ("replication", "target")


@pytest.mark.parametrize("mode", [SCRATCH, LIVE])
def test_the_tool_accepts_every_mode(mode: str) -> None:
    assert serve.parse_mode(mode) == mode
