"""What stays after a migration depends on nothing temporary: CloudFormation and the CDK CLI may delete the other stacks at any time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from common.site_parameters import Parameter, build_parameter_path
from settings import Settings

from stacks.composition import add_stacks
from tests.unit.stacks.conftest import ROOT, new_app

PERMANENT = ("DataStack", "ServersStack")
TEMPORARY = ("MigrationStack", "TestLaunchStack", "ReplicationStack", "SourceStack")


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    app: App = new_app()
    add_stacks(app, Settings.load(ROOT / "migration.toml"))
    found: dict[str, Any] = json.loads((Path(app.synth().directory) / "manifest.json").read_text())["artifacts"]
    return found


def find_imports(value: Any) -> Iterator[str]:
    """Yield the stack of each export that a template imports."""
    if isinstance(value, dict):
        if "Fn::ImportValue" in value:
            yield str(value["Fn::ImportValue"]).partition(":")[0]
        for one in value.values():
            yield from find_imports(one)
    elif isinstance(value, list):
        for one in value:
            yield from find_imports(one)


def list_dependencies(manifest: dict[str, Any], stack: str) -> set[str]:
    """Return all stacks that the CDK CLI deploys before `stack`, however far."""
    direct = {name for name in manifest[stack].get("dependencies", []) if name.endswith("Stack")}
    return direct | {far for name in direct for far in list_dependencies(manifest, name)}


def test_one_command_deploys_every_stack(manifest: dict[str, Any]) -> None:
    assert list_dependencies(manifest, "MigrationStack") == {*PERMANENT, *TEMPORARY} - {"MigrationStack"}


@pytest.mark.parametrize("stack", TEMPORARY)
def test_destroying_a_temporary_stack_destroys_no_permanent_one(manifest: dict[str, Any], stack: str) -> None:
    """`cdk destroy X` also destroys every stack that depends on X."""
    dependent = {name for name in (*PERMANENT, *TEMPORARY) if stack in list_dependencies(manifest, name)}
    assert not dependent & {*PERMANENT}


def test_the_permanent_stacks_import_nothing_of_the_temporary_ones(templates: Any) -> None:
    assert [*find_imports(templates["DataStack"])] == []
    assert {*find_imports(templates["ServersStack"])} == {"DataStack"}


@pytest.mark.parametrize("stack", PERMANENT)
def test_no_text_of_a_permanent_stack_names_the_source_or_the_machinery(templates: Any, stack: str) -> None:
    """An ARN or a name, for example of a bucket, a table, a function or a role, would be a hidden dependency."""
    sections = {key: value for key, value in templates[stack].items() if key in ("Resources", "Parameters")}
    texts = json.dumps(sections)
    assert [name for name in (*TEMPORARY, "10.10.", "provisioning/", "arn:aws:lambda") if name in texts] == []
    names = {build_parameter_path("gogs", one) for one in (Parameter.REPLICATION, Parameter.TARGET)}
    assert [name for name in names if name in texts] == []


def test_the_permanent_stacks_have_no_function_and_no_custom_resource(templates: Any) -> None:
    """The code of a function would have to be kept up to date for as long as the site runs."""
    kinds = {one["Type"] for stack in PERMANENT for one in templates[stack]["Resources"].values()}
    assert not [kind for kind in kinds if kind.startswith(("AWS::Lambda", "Custom::", "AWS::StepFunctions"))]


def test_the_role_of_the_servers_reads_only_what_the_site_owns(templates: Any) -> None:
    policies = templates.resources("DataStack", "AWS::IAM::Policy").values()
    secrets = [
        arn
        for policy in policies
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "secretsmanager:GetSecretValue" in statement["Action"]
        for arn in (statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]])
    ]
    assert sorted(one["Ref"] for one in secrets) == sorted(
        key
        for key in templates.resources("DataStack", "AWS::SecretsManager::Secret")
        if key.startswith(("SiteSecret", "DatabaseApplication"))
    )


def test_the_stacks_of_the_site_can_be_protected_from_deletion(settings: Settings) -> None:
    app = new_app()
    target = settings.target.model_copy(update={"protected": True})
    add_stacks(app, settings.model_copy(update={"target": target}))
    protected = {one.stack_name: bool(one.termination_protection) for one in app.synth().stacks}
    assert protected == {**dict.fromkeys(PERMANENT, True), **dict.fromkeys(TEMPORARY, False)}
