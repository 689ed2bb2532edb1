"""Every finding of cdk-nag is acknowledged with a reason, and cfn-lint has no finding."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks
from cfnlint.api import lint_file  # type: ignore[import-untyped]
from cfnlint.config import ManualArgs  # type: ignore[import-untyped]
from settings import Settings

from stacks.composition import add_stacks
from tests.unit.providers.tables import CLOUDENDURE, MGN_WITH_EVERY_KEY
from tests.unit.providers.tables import write_configuration as write_provider
from tests.unit.sources.tables import PEERED, ROUTED
from tests.unit.sources.tables import write_configuration as write_source

ROOT = Path(__file__).parents[2]
ACKNOWLEDGED = "aws:cdk:acknowledged-rules"
MINIMUM_REASON_WORDS = 6
IGNORED_CHECKS = ["W3005", "W2506"]
"""redundant dependencies, and nested stacks' parameters of type String"""


@pytest.fixture(
    scope="module",
    params=[
        (write_provider, CLOUDENDURE),
        (write_provider, MGN_WITH_EVERY_KEY),
        (write_source, PEERED),
        (write_source, ROUTED),
    ],
    ids=["cloudendure", "mgn", "peered", "routed"],
)
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> App:
    """Synthesize the app with each provider and source. The name of a finding depends on resolved references between stacks."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    found = App(context={**context, "aws:cdk:bundling-stacks": []})
    write, table = request.param
    add_stacks(found, Settings.load(write(tmp_path_factory.mktemp("site"), table)))
    found.synth()
    return found


def acknowledgements(app: App) -> Iterator[tuple[str, str, str]]:
    """Return construct, finding of cdk-nag and reason of each acknowledgement."""
    for construct in app.node.find_all():
        for entry in construct.node.metadata:
            if entry.type == ACKNOWLEDGED:
                data: Any = entry.data
                for finding, reason in data.items():
                    if "AwsSolutions-" in finding:
                        yield construct.node.path, finding, reason


def test_every_finding_of_cdk_nag_is_acknowledged(app: App) -> None:
    report = AwsSolutionsChecks(app).validate_scope(app)
    found = [f"{violation.rule_name}: {violation.description}" for violation in report.violations]
    assert found == []


def test_cdk_nag_finds_an_insecure_bucket() -> None:
    app = App()
    s3.Bucket(Stack(app, "Insecure"), "Bucket")
    assert {one.rule_name for one in AwsSolutionsChecks(app).validate_scope(app).violations} == {
        "AwsSolutions-S1",
        "AwsSolutions-S10",
    }


def test_every_acknowledgement_has_a_reason_and_a_narrow_scope(app: App) -> None:
    found = list(acknowledgements(app))
    assert len(found) > 10
    for path, finding, reason in found:
        assert len(reason.split()) >= MINIMUM_REASON_WORDS, (path, finding)
        assert path.count("/") >= 1, f"{finding} is acknowledged for the whole stack {path}"


def test_cfn_lint_has_no_finding(app: App) -> None:
    templates = sorted(Path(app.synth().directory).glob("*.template.json"))
    has_demo = app.node.try_find_child("SourceStack") is not None
    assert len(templates) == (6 if has_demo else 5)
    found = [
        f"{template.name}: {match.rule.id} {match.message} at {'/'.join(str(part) for part in match.path or ())}"
        for template in templates
        for match in lint_file(template, config=ManualArgs(regions=["us-east-1"], ignore_checks=IGNORED_CHECKS))
    ]
    assert found == []


def test_synthesis_has_no_warning(app: App) -> None:
    warnings = [
        f"{construct.node.path}: {entry.data}"
        for construct in app.node.find_all()
        for entry in construct.node.metadata
        if entry.type in ("aws:cdk:warning", "aws:cdk:error")
    ]
    assert warnings == []
