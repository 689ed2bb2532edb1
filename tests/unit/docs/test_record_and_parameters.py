"""The reference describes each attribute of the run record and each parameter below `/cutover/<site>/`."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

import pytest
from common.clients.run_record import Record, get_stored_name
from common.site_parameters import Replication, RunTarget, TcpPort

from tests.unit.docs.pages import page
from tests.unit.docs.templates import parameter, parameters

REFERENCE = page("docs/reference.md")
OPTIONAL = {field.name for field in fields(Replication) if field.default is not MISSING}
LATE_OF_SSH = {f"ssh_{key.name}" for key in fields(TcpPort) if key.name.startswith("load_balancer")}


def get_type(annotation: Any) -> str:
    return "N" if annotation in ("float", float) else "S"


def test_every_attribute_of_the_run_record_is_described_with_its_type() -> None:
    described = {row[0].spans[0]: row[1].text for row in REFERENCE.table("Run record")}

    assert described == {"site": "S", **{get_stored_name(field.name): get_type(field.type) for field in fields(Record)}}


def test_every_parameter_is_described() -> None:
    assert {row[0].spans[0] for row in REFERENCE.table("Parameters")} == parameters().keys()


@pytest.mark.parametrize(("name", "optional"), [("replication", OPTIONAL), ("target", set())])
def test_every_key_of_a_parameter_is_described(name: str, optional: set[str]) -> None:
    described = [row[0].spans[0] for row in REFERENCE.table(f"Keys of {name}")]

    assert sorted(described) == sorted({*parameter(name), *optional})


def test_every_key_of_the_parameter_that_the_targets_read_is_described() -> None:
    described = [key for row in REFERENCE.table("Keys of site") for key in row[0].spans]

    assert sorted(described) == sorted(parameter("site"))


def test_every_key_of_the_first_boot_parameter_is_described() -> None:
    (row,) = [row for row in REFERENCE.table("Parameters") if row[0].spans == ("provisioning/source-app",)]

    assert set(row[2].spans) == parameter("provisioning/source-app").keys()


def test_every_key_that_the_run_adds_to_the_target_is_described() -> None:
    created_by_the_run = TcpPort(name="ssh", load_balancer_dns="nlb", load_balancer_zone_id="ZLB")
    added = set(RunTarget(tcp=(created_by_the_run,)).to_json()) - parameter("target").keys()

    assert added
    assert added <= set(REFERENCE.spans())
