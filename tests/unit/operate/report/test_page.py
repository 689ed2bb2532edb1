"""The page of a run: its text, and that nothing in it is markup, script or an external resource that should not be."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from common.errors import StepFailed
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from operate.report.client import Operation, Outcome
from operate.report.model import build_report
from operate.report.page import render_page, write_report
from operate.report.source import Check, Independent, StackResource
from tests.unit.operate.report.evidence import (
    BALANCER,
    BEGAN,
    make_failed_at,
    make_logged,
    make_migrated,
    make_operations,
    make_running,
    make_source,
    record,
)
from tests.unit.operate.report.text import read_page, read_text

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

UNKNOWN: dict[str, Any] = {"operations": None, "lag": None, "resources": None, "independent": Independent(), "limits": None}  # fmt: skip
SOURCES = {
    "migrated": make_source(make_migrated(), expected={"await-job": 0.7, "freeze": 0.4}),
    "rolled-back-in-the-window": make_source(make_failed_at("activate"), operations=make_operations(failed=1)),
    "failed-before-the-window": make_source(make_failed_at("verify-files"), **UNKNOWN),
    "running": make_source(make_running(), **UNKNOWN),
    "logged": make_source(make_logged(), operations=None, balancer=BALANCER),
}
HOSTILE = "</svg></style><script>alert(1)</script><img src=x onerror=alert(2)> $x^2$ & \"'"


class TextFile(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@cache
def render(name: str) -> str:
    return render_page(build_report(SOURCES[name]))


@pytest.mark.parametrize("name", SOURCES)
def test_the_text_of_the_page(name: str, snapshot: SnapshotAssertion) -> None:
    assert read_text(render(name)) == snapshot.use_extension(TextFile)


def test_the_page_needs_no_script_and_no_external_resource() -> None:
    page = render("migrated")

    reader = read_page(page)
    assert "script" not in reader.tags
    assert all(reference.startswith(("#", "data:")) for reference in reader.references), reader.references
    assert not re.search(r"@import|url\((?!#)", page)
    assert "on" not in {attribute[:2] for attribute in re.findall(r"<[^>]* (on\w+)=", page)}


def test_no_text_of_a_run_becomes_markup() -> None:
    # Given hostile text at every place that the evidence, the client or the stacks fill
    documents = make_migrated()
    documents.append(record("tidy", 40, outcome=HOSTILE))
    documents.append({**record("forward", 41), "phase": HOSTILE, "by": HOSTILE, "step": HOSTILE})
    for document in documents:
        facts = document.get("facts", {})
        if "digests" in facts:
            facts["digests"] = {HOSTILE: {"rows": 1, "digest": HOSTILE}}
        if "checks" in facts:
            facts["checks"] = [{"name": HOSTILE, "outcome": HOSTILE, "reason": HOSTILE, "seconds": 1}]
            facts["not_checked"] = [HOSTILE]
        if "warnings" in facts:
            facts["warnings"] = [HOSTILE]
            facts["hooks"] = [{"name": HOSTILE, "line": HOSTILE, "outcome": HOSTILE}]
    source = make_source(
        documents,
        operations=[Operation(BEGAN, BEGAN + 1, HOSTILE, Outcome.FAILED, True, True, HOSTILE)],
        resources=[StackResource(HOSTILE, "AWS::RDS::DBInstance", HOSTILE)],
        independent=Independent((Check(HOSTILE, False, HOSTILE),), {HOSTILE: 1}),
        missing=[HOSTILE],
    )
    page = render_page(build_report(source))

    # Then it is text: none of its elements exists
    reader = read_page(page)
    assert {"script", "img"}.isdisjoint(reader.tags)
    assert "alert(1)" in read_text(page)
    assert page.count("</style>") == 1


def test_the_ids_of_the_page_are_unique_and_every_reference_has_its_target() -> None:
    page = render("migrated")

    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(#|href="#|labelledby=")([^")]+)', page)) <= set(ids)


def test_a_report_of_the_same_input_is_the_same() -> None:
    assert render_page(build_report(SOURCES["migrated"])) == render("migrated")


def test_the_content_is_beside_the_page_as_json(tmp_path: Path) -> None:
    path = write_report(SOURCES["migrated"], tmp_path / "report.html")

    content = json.loads(path.with_suffix(".json").read_text())
    assert content["verdict"]["state"] == "Migrated"
    assert content["compared"]["rows"] == 1204
    assert content["client"]["operations"] == []


@pytest.mark.parametrize(
    ("documents", "run_id", "sentence"),
    [
        ([], "", "there is no step record of any run in s3://evidence-1/runs/"),
        (make_running(), "second-c-1", "there is no step record of run second-c-1 in s3://evidence-1/runs/ (runs with records: first-c-0123456789)"),
        ([{"key": "runs/first-c-0123456789/outputs.json", "finished": "now"}], "first-c-0123456789", "there is no step record of run first-c-0123456789 in s3://evidence-1/runs/ (runs with records: none)"),
    ],
)  # fmt: skip
def test_missing_evidence_is_one_sentence_and_nothing_is_written(
    documents: list[dict[str, Any]], run_id: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(StepFailed) as raised:
        write_report(make_source(documents, run_id=run_id), tmp_path / "report.html")

    assert raised.value.reason == sentence
    assert raised.value.next_action
    assert list(tmp_path.iterdir()) == []
