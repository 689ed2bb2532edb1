"""The stacks of a source that Cutover did not create, synthesized once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aws_cdk import App, Environment
from settings import Settings
from source_site import SourceSite

from stacks.composition import add_migration
from stacks.data_stack import DataStack
from stacks.replication_stack import ReplicationStack
from tests.unit.sources.existing import describe_existing, import_scope
from tests.unit.stacks.conftest import ROOT, Templates, new_app, read_templates

Replicate = Callable[[SourceSite], Templates]


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings.load(ROOT / "migration.toml")


@pytest.fixture(scope="session")
def app(settings: Settings) -> App:
    app, env = new_app(), Environment(region=settings.aws.region)
    add_migration(app, settings, source=describe_existing(import_scope(settings), settings), env=env)
    return app


@pytest.fixture(scope="session")
def templates(app: App) -> Templates:
    return read_templates(app)


@pytest.fixture(scope="session")
def replicate(settings: Settings) -> Replicate:
    """A function that synthesizes only ReplicationStack, for another source."""

    def synthesize(source: SourceSite) -> Templates:
        app, env = new_app(), Environment(region=settings.aws.region)
        data = DataStack(app, "DataStack", settings=settings, servers_stack="ServersStack", env=env)
        ReplicationStack(app, "ReplicationStack", settings=settings, source=source, data=data, env=env)
        return read_templates(app)

    return synthesize


def list_values(value: Any) -> list[Any]:
    """Return a value of a template as a list: the value itself if it is a list, else a list with one element."""
    return value if isinstance(value, list) else [value]


def flatten(value: Any) -> str:
    """Return a value of a template as one string, with pseudo parameters by name and references as JSON."""
    pseudo = {"AWS::Partition": "<partition>", "AWS::Region": "<region>", "AWS::AccountId": "<account>"}
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(flatten(part) for part in parts)
    return pseudo.get(value.get("Ref", ""), json.dumps(value))


def list_permissions(templates: Templates, stack: str, *, role: str = "") -> Iterator[tuple[str, str, bool]]:
    """Yield (action, resource, has a condition) of each policy in a stack, or of those of one named role."""
    for policy in templates.resources(stack, "AWS::IAM::Policy").values():
        if role and role not in policy["Properties"]["Roles"]:
            continue
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            for action in list_values(statement["Action"]):
                for resource in list_values(statement["Resource"]):
                    yield action, flatten(resource), "Condition" in statement


def list_command_targets(templates: Templates, stack: str) -> set[str]:
    """Return the ARNs of the machines that a stack's functions may send commands to, independent of tags."""
    permissions = list_permissions(templates, stack)
    return {
        arn
        for action, arn, has_condition in permissions
        if action == "ssm:SendCommand" and ":document/" not in arn and not has_condition
    }
