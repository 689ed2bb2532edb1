"""Resources that hold rows, files or evidence keep their identity, and are retained unless the settings specify otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from settings import Settings

ROOT = Path(__file__).parents[3]
STATEFUL = {
    "AWS::RDS::DBInstance": ("DataStack", "DatabaseInstanceAA8A5FDE"),
    "AWS::EFS::FileSystem": ("DataStack", "FilesFileSystemCB06EB6B"),
    "AWS::DynamoDB::Table": ("DataStack", "StoreRunsCC967FA7"),
    "AWS::S3::Bucket": ("ReplicationStack", "StoreEvidenceCEE1ECE6"),
}
"""Stacks and logical ids. A changed one makes CloudFormation create an empty copy and delete, or abandon, what is there."""


@pytest.mark.parametrize("kind", STATEFUL)
def test_logical_ids_do_not_change(templates: Any, kind: str) -> None:
    stack, logical_id = STATEFUL[kind]
    assert list(templates.resources(stack, kind)) == [logical_id]


@pytest.mark.parametrize("kind", STATEFUL)
def test_state_is_retained_except_after_a_failed_first_deploy(templates: Any, kind: str) -> None:
    one = templates.only(STATEFUL[kind][0], kind)
    assert (one["DeletionPolicy"], one["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_state_is_deleted_with_the_stack_if_configured_but_evidence_is_retained(
    settings: Settings, synthesized: Any
) -> None:
    database = settings.database.model_copy(update={"on_delete": "delete"})
    templates = synthesized(settings.model_copy(update={"database": database}))
    policies = {kind: templates.only(stack, kind)["DeletionPolicy"] for kind, (stack, _) in STATEFUL.items()}
    assert policies == {
        "AWS::RDS::DBInstance": "Delete",
        "AWS::EFS::FileSystem": "Delete",
        "AWS::DynamoDB::Table": "Delete",
        "AWS::S3::Bucket": "RetainExceptOnCreate",
    }


@pytest.mark.parametrize("folder", ["constructs", "lambda"])
def test_import_roots_are_not_packages(folder: str) -> None:
    """constructs/__init__.py would hide the PyPI package of that name from the CDK."""
    assert not (ROOT / folder / "__init__.py").exists()
