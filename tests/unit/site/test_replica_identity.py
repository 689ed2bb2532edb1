"""A replica that takes itself for its source reports that at once: nobody else can, and the run would wait for its report."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cutover_site.aws.metadata import Metadata
from cutover_site.errors import NotConfigured, Refused
from cutover_site.launch import post_launch, report
from cutover_site.machine import Machine
from cutover_site.verbs import launch

from tests.unit.site.dmi import OTHER_VMWARE, VMWARE, write_dmi
from tests.unit.site.fake_site import Request, Response, serving
from tests.unit.site.test_node import HYBRID, NOBODY, OTHER, prepare, record, respond_as_ec2

TAGS = {"cutover:role": "replica", "cutover:run-id": "run-1", "cutover:launch": "TEST"}
OPTIONS = argparse.Namespace(result="exit-code")


def respond_as_replica(method: str, path: str, request: Request) -> Response:
    tags = "/latest/meta-data/tags/instance"
    if path.startswith(f"{tags}/"):
        return Response(200, TAGS[path[len(tags) + 1 :]])
    return Response(200, "\n".join(TAGS)) if path == tags else respond_as_ec2(method, path, request)


@pytest.fixture
def metadata() -> Iterator[Metadata]:
    with serving(respond_as_replica) as url:
        yield Metadata(url.replace("git.example.test", "127.0.0.1"))


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return what is published. No stage may run."""
    found: list[dict[str, Any]] = []

    def publish(_machine: Machine, made: report.Report) -> dict[str, Any]:
        found.append(made.build_message())
        return found[-1]

    monkeypatch.setattr(report, "publish", publish)
    monkeypatch.setattr(post_launch, "run_stages", lambda *_: pytest.fail("a stage ran"))
    return found


@pytest.mark.parametrize("verb", [launch.run_post_launch, launch.report_post_launch_failure])
@pytest.mark.parametrize("dmi", [VMWARE, OTHER_VMWARE])
def test_a_replica_that_its_hardware_does_not_show_reports_a_failure(
    tmp_path: Path, metadata: Metadata, published: list[dict[str, Any]], verb: Any, dmi: dict[str, str]
) -> None:
    # Given a replica of a hybrid node in EC2, whose DMI data are those of the node itself, or of another machine outside of EC2
    layout = prepare(tmp_path)
    write_dmi(tmp_path, dmi)
    record(layout, f"uuid:{VMWARE['product_uuid']}")
    # When its unit runs, or has failed
    result = verb(Machine(layout, metadata), OPTIONS)
    # Then the report has the id by which the procedure knows the replica, and what to do
    (message,) = published
    assert (message["instance_id"], message["run_id"], message["outcome"]) == (OTHER, "run-1", "fail")
    assert f"does not know that it is a copy of {HYBRID}" in message["reason"]
    assert "run cutover-site own" in message["reason"]
    assert result["outcome"] == "fail"


@pytest.mark.parametrize("address", [NOBODY, None])
def test_the_source_itself_reports_nothing(
    tmp_path: Path,
    metadata: Metadata,
    published: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    address: str | None,
) -> None:
    # Given the hybrid node itself, without metadata, or where metadata have tags of no replica
    monkeypatch.setitem(TAGS, "cutover:role", "other")
    layout = prepare(tmp_path)
    write_dmi(tmp_path, VMWARE)
    record(layout, f"uuid:{VMWARE['product_uuid']}")
    machine = Machine(layout, Metadata(address) if address else metadata)
    with pytest.raises((Refused, NotConfigured), match="is not a replica"):
        launch.run_post_launch(machine, OPTIONS)
    assert published == []
    assert json.loads(layout.configured_for.read_text())["instance_id"] == HYBRID
