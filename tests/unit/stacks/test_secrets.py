"""A secret that the operator made is granted by its name and the six characters that Secrets Manager adds, and by nothing wider."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import pytest
from settings import Settings
from settings.providers.cloudendure import CloudEndureSettings

READ = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
FOUND = {"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "111122223333"}
PREFIX = "arn:aws:secretsmanager:us-east-1:111122223333:secret:"


def granted(templates: Any, name: str) -> dict[str, Mapping[str, Any]]:
    """Return the statement about the secret `name` of each policy that has one, by template and logical id."""
    found = {}
    for template, key, policy in templates.everywhere("AWS::IAM::Policy"):
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            if f":secret:{name}" in str(statement["Resource"]):
                found[f"{template}.{key}"] = statement
    return found


def pattern(resource: Mapping[str, Any]) -> str:
    separator, parts = resource["Fn::Join"]
    return str(separator).join(part if isinstance(part, str) else FOUND[part["Ref"]] for part in parts)


@pytest.fixture
def provider(settings: Settings) -> CloudEndureSettings:
    assert isinstance(settings.provider, CloudEndureSettings)
    return settings.provider


def test_the_functions_that_call_the_console_read_its_credentials(
    templates: Any, provider: CloudEndureSettings
) -> None:
    holders = {key.partition(".")[0] for key in granted(templates, provider.credentials_secret)}
    assert holders == {"MigrationStack", "ReplicationStack", "TestLaunchStack"}
    assert len(granted(templates, provider.credentials_secret)) == 7


def test_the_source_server_reads_the_token_of_the_agent(templates: Any, provider: CloudEndureSettings) -> None:
    (holder,) = granted(templates, provider.installation_token_secret)
    assert holder.startswith("SourceStack.GogsServer")


def test_the_permission_covers_reading_one_secret(templates: Any, provider: CloudEndureSettings) -> None:
    for name in (provider.credentials_secret, provider.installation_token_secret):
        for key, statement in granted(templates, name).items():
            assert sorted(statement["Action"]) == READ, key
            allowed = pattern(statement["Resource"])
            assert fnmatchcase(f"{PREFIX}{name}-AbC1dE", allowed), allowed
            for other in (name, f"{name}-AbC1d", f"{name}-AbC1dEf", f"{name}-staging-AbC1dE", f"other/{name}-AbC1dE"):
                assert not fnmatchcase(f"{PREFIX}{other}", allowed), (allowed, other)
