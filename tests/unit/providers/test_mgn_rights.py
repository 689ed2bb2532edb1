"""Each call that the client of AWS MGN makes is granted to a function that makes it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from settings import Settings

from tests.unit.providers.tables import MGN, write_configuration
from tests.unit.stacks.conftest import synthesize

CLIENT = Path(__file__).parents[3] / "lambda/common/clients/mgn"
WITHOUT_A_RIGHT = {"sts:GetCallerIdentity"}
"""IAM permits it to everyone"""


def list_texts() -> Iterator[str]:
    """Yield each text in the client's code that stands alone, without docstrings and messages."""
    for path in CLIENT.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
                yield node.value


def list_error_contexts() -> Iterator[str]:
    """Yield the actions that the client names for errors of EC2, IAM and STS: `with translate_aws_errors("ec2:TerminateInstances")`."""
    for path in CLIENT.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "translate_aws_errors"
            ):
                yield from (str(one.value) for one in node.args if isinstance(one, ast.Constant))


@pytest.fixture(scope="module")
def granted(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """All actions of the functions' policies."""
    templates = synthesize(Settings.load(write_configuration(tmp_path_factory.mktemp("site"), MGN)))
    found: set[str] = set()
    for _, _, policy in templates.everywhere("AWS::IAM::Policy"):
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            actions: Any = statement["Action"]
            found |= {actions} if isinstance(actions, str) else set(actions)
    return found


def list_operations() -> set[str]:
    """Return the operations of MGN that the client names as boto3 does (`start_test`)."""
    model = botocore.session.get_session().get_service_model("mgn")
    names = {botocore.xform_name(name): name for name in model.operation_names}
    return {f"mgn:{names[text]}" for text in list_texts() if text in names}


def test_every_operation_of_mgn_is_granted(granted: set[str]) -> None:
    operations = list_operations()
    assert {"mgn:StartCutover", "mgn:InitializeService", "mgn:DescribeJobLogItems"} <= operations
    assert operations - granted == set()


def test_no_action_of_mgn_is_granted_that_the_client_does_not_use(granted: set[str]) -> None:
    assert {action for action in granted if action.startswith("mgn:")} - list_operations() == set()


def test_every_call_of_another_service_is_granted(granted: set[str]) -> None:
    actions = set(list_error_contexts())
    assert {"ec2:TerminateInstances", "iam:SimulatePrincipalPolicy"} <= actions
    assert actions - WITHOUT_A_RIGHT - granted == set()
