"""The tool on the machines reads only parameters below `/cutover/<site>/` that the constructs write."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from common.site_parameters import LIVE, SCRATCH, Parameter, Replication, TargetParameter, TcpPort
from cutover_site.launch import serve

TOOL = Path(__file__).parents[3] / "assets/site/cutover_site"
REPLICATION = {field.name for field in fields(Replication)}
TARGET = set(TargetParameter(tcp=(TcpPort(name="ssh", number=2222, dns_name="ssh.example.com"),)).to_json())


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
    assert read == {Parameter.REPLICATION, Parameter.TARGET, Parameter.MODE}


def test_the_tool_reads_only_existing_keys_of_parameters() -> None:
    replication = list_first_arguments("get_fact") | list_keys_of("replication")
    target = list_keys_of("target")
    assert {"runs_table", "file_system_id", "source_app_ssh_port"} <= replication <= REPLICATION
    assert {"topic_arn", "site_url"} <= target <= TARGET


@pytest.mark.parametrize("mode", [SCRATCH, LIVE])
def test_the_tool_accepts_every_mode(mode: str) -> None:
    assert serve.parse_mode(mode) == mode
