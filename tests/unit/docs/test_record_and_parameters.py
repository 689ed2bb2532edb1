"""The reference describes each attribute of the run record and each parameter below `/cutover/<site>/`."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache
from typing import Any

import pytest
from common.clients.run_record import Record
from common.run import Target

from tests.unit.docs.pages import ROOT, page

REFERENCE = page("docs/reference.md")
SNAPSHOTS = ROOT / "tests/snapshot/__snapshots__/test_templates"
"""the templates as they are: tests/snapshot fails when they are not"""
PREFIX = "/cutover/gogs/"


def _type_of(annotation: Any) -> str:
    return "N" if annotation in ("float", float) else "S"


def test_every_attribute_of_the_run_record_is_described_with_its_type() -> None:
    described = {row[0].spans[0]: row[1].text for row in REFERENCE.table("Run record")}

    assert described == {"site": "S", **{field.name: _type_of(field.type) for field in fields(Record)}}


@cache
def _parameters() -> dict[str, str]:
    """Return the value of each parameter that the stacks write, by its name below the prefix; "reference" for what AWS fills in."""
    found = {}
    for path in SNAPSHOTS.glob("*.json"):
        for resource in json.loads(path.read_text(encoding="utf-8"))["Resources"].values():
            if resource["Type"] != "AWS::SSM::Parameter":
                continue
            value = resource["Properties"]["Value"]
            parts = value["Fn::Join"][1] if isinstance(value, dict) else [value]
            text = "".join(part if isinstance(part, str) else "reference" for part in parts)
            found[resource["Properties"]["Name"].removeprefix(PREFIX)] = text
    return found


def test_every_parameter_is_described() -> None:
    assert {row[0].spans[0] for row in REFERENCE.table("Parameters")} == _parameters().keys()


@pytest.mark.parametrize("name", ["replication", "target"])
def test_every_key_of_a_parameter_is_described(name: str) -> None:
    described = [row[0].spans[0] for row in REFERENCE.table(f"Keys of {name}")]

    assert sorted(described) == sorted(json.loads(_parameters()[name]))


def test_what_a_first_boot_is_given_is_described() -> None:
    (row,) = [row for row in REFERENCE.table("Parameters") if row[0].spans == ("provisioning/source-app",)]

    assert set(row[2].spans) == json.loads(_parameters()["provisioning/source-app"]).keys()


def test_what_comes_with_the_run_is_described() -> None:
    late = {field.name for field in fields(Target)} - json.loads(_parameters()["target"]).keys()

    assert late
    assert late <= set(REFERENCE.spans())
