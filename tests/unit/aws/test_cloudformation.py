"""The local CloudFormation accepts and rejects templates as AWS does."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest

from rehearsal.aws.cloudformation.generated_secret import PUNCTUATION, build_secret_string, generate
from rehearsal.aws.cloudformation.schemas import check


@pytest.mark.parametrize(
    ("kind", "properties", "reason"),
    [
        ("AWS::EC2::VPC", {"CidrBlok": "10.0.0.0/16"}, r"extraneous key \[CidrBlok\]"),
        ("AWS::EC2::Instance", {"MetadataOptions": {"HttpToken": "required"}}, r"#/MetadataOptions: extraneous key"),
        ("AWS::IAM::Policy", {"PolicyName": "p"}, r"required key \[PolicyDocument\] not found"),
        ("AWS::Nobody::Knows", {}, r"Unrecognized resource types: \[AWS::Nobody::Knows\]"),
    ],
)
def test_unknown_or_missing_properties_are_rejected(kind: str, properties: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check(kind, properties)


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16", "Tags": [{"Key": "a", "Value": "b"}]}),
        ("AWS::RDS::DBParameterGroup", {"Family": "mysql8.0", "Description": "d", "Parameters": {"any": "1"}}),
        ("Custom::Anything", {"ServiceToken": "arn", "Own": 1}),
    ],
)
def test_a_resource_that_aws_accepts_is_accepted(kind: str, properties: dict[str, Any]) -> None:
    check(kind, properties)


@pytest.mark.parametrize(
    ("options", "allowed"),
    [
        ({"ExcludePunctuation": True}, string.ascii_letters + string.digits),
        ({"ExcludePunctuation": "true", "ExcludeNumbers": "true"}, string.ascii_letters),
        ({"ExcludeUppercase": True, "ExcludeLowercase": True, "ExcludePunctuation": True}, string.digits),
        (
            {"ExcludeCharacters": "abc"},
            "".join(sorted({*string.ascii_letters, *string.digits, *PUNCTUATION} - {*"abc"})),
        ),
    ],
)
def test_a_password_contains_no_excluded_characters(options: dict[str, Any], allowed: str) -> None:
    passwords = [generate({**options, "PasswordLength": "64"}) for _ in range(20)]
    assert {len(password) for password in passwords} == {64}
    assert set("".join(passwords)) <= set(allowed)
    assert len(set(passwords)) == 20


def test_a_password_contains_each_kind_of_character_unless_disabled() -> None:
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, PUNCTUATION)
    assert all(set(generate({"PasswordLength": 4})) & set(kind) for kind in kinds)
    assert len(generate({"PasswordLength": 1, "RequireEachIncludedType": False})) == 1


def test_the_password_is_added_to_the_template_under_its_key() -> None:
    text = build_secret_string(
        {"GenerateSecretString": {"SecretStringTemplate": '{"username": "u"}', "GenerateStringKey": "password"}}
    )
    assert json.loads(text)["username"] == "u"
    assert len(json.loads(text)["password"]) == 32


def test_an_exclusion_of_every_character_is_rejected() -> None:
    options = {f"Exclude{kind}": True for kind in ("Lowercase", "Uppercase", "Numbers", "Punctuation")}
    with pytest.raises(ValueError, match="excludes too much"):
        generate(options)
