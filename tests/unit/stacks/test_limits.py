"""Limits of AWS that the rehearsal does not have, and cfn-lint does not look at: each text is measured with long names in place of references."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from settings import Settings

from tests.unit.providers.tables import CONFIGURATION, MGN_WITH_EVERY_KEY
from tests.unit.providers.tables import write_configuration as write_provider
from tests.unit.sources.tables import MANAGED, PEERED, ROUTED
from tests.unit.sources.tables import write_configuration as write_source
from tests.unit.stacks.conftest import Templates, synthesize

REFERENCE = "x" * 140
"""as long as the ARN of a function, a secret or a task of this app, with a region of 14 letters"""
PSEUDO_PARAMETERS = {"AWS::Partition": "aws-us-gov", "AWS::Region": "ap-southeast-1", "AWS::AccountId": "1" * 12}
GROUP_TEXT = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}")
"""https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html, also of the descriptions of rules"""
USER_DATA_BYTES = 16 * 1024
"""https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html, before it is encoded"""
PRESIGNED_URL = 700
"""the address of a wait condition handle is longer than other references"""
PARAMETER_BYTES = 4 * 1024
"""https://docs.aws.amazon.com/general/latest/gr/ssm.html, standard tier"""
ENVIRONMENT_BYTES = 4 * 1024
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
ROLE_POLICY_CHARACTERS = 10_240
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: all inline policies of a role, without white space"""
DEFINITION_BYTES = 1024 * 1024
"""https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""


@pytest.fixture(scope="module", params=["demo", "mgn", "peered", "routed", "managed"])
def templates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Templates:
    folder: Path = tmp_path_factory.mktemp("site")
    sources = {"peered": PEERED, "routed": ROUTED, "managed": MANAGED}
    if request.param == "demo":
        return synthesize(Settings.load(CONFIGURATION))
    if request.param == "mgn":
        return synthesize(Settings.load(write_provider(folder, MGN_WITH_EVERY_KEY)))
    return synthesize(Settings.load(write_source(folder, sources[request.param])))


def render(value: Any) -> str:
    """Return a property as the text that CloudFormation makes of it, at its longest."""
    match value:
        case {"Ref": name}:
            return PSEUDO_PARAMETERS.get(name, REFERENCE)
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(render(part) for part in parts)
        case {"Fn::Base64": text}:
            return render(text)
        case dict() if len(value) == 1 and next(iter(value)).startswith("Fn::"):
            return REFERENCE
        case dict():
            return json.dumps({key: render(one) for key, one in value.items()}, separators=(",", ":"))
        case list():
            return json.dumps([render(one) for one in value], separators=(",", ":"))
    return str(value)


def list_group_texts(properties: Mapping[str, Any]) -> Iterator[str]:
    rules = (*properties.get("SecurityGroupIngress", ()), *properties.get("SecurityGroupEgress", ()), properties)
    yield from (str(rule["Description"]) for rule in rules if "Description" in rule)
    if "GroupDescription" in properties:
        yield str(properties["GroupDescription"])


def test_security_groups_have_descriptions_that_ec2_accepts(templates: Templates) -> None:
    kinds = ("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress")
    texts = [
        text for kind in kinds for *_, one in templates.everywhere(kind) for text in list_group_texts(one["Properties"])
    ]
    assert len(texts) > 10
    assert [text for text in texts if not GROUP_TEXT.fullmatch(text)] == []


def test_user_data_is_accepted(templates: Templates) -> None:
    for stack, key, instance in templates.everywhere("AWS::EC2::Instance"):
        size = len(render(instance["Properties"]["UserData"]).encode()) + PRESIGNED_URL
        assert size <= USER_DATA_BYTES, (stack, key)


def test_parameters_fit_into_the_standard_tier(templates: Templates) -> None:
    sizes = {
        f"{stack}.{key}": len(render(one["Properties"]["Value"]).encode())
        for stack, key, one in templates.everywhere("AWS::SSM::Parameter")
    }
    assert sizes
    assert {key: size for key, size in sizes.items() if size > PARAMETER_BYTES} == {}


def test_the_environment_of_each_function_is_accepted(templates: Templates) -> None:
    for stack, key, function in templates.everywhere("AWS::Lambda::Function"):
        variables = function["Properties"].get("Environment", {}).get("Variables", {})
        assert sum(len(name) + len(render(text)) for name, text in variables.items()) <= ENVIRONMENT_BYTES, (stack, key)
        assert len(function["Properties"].get("Description", "")) <= 256, (stack, key)


def test_the_inline_policies_of_each_role_are_accepted(templates: Templates) -> None:
    """All that a run adds to a role of somebody else too, which may have policies already: half of the limit stays free."""
    sizes: dict[str, int] = {}
    for stack, _, policy in templates.everywhere("AWS::IAM::Policy"):
        text = re.sub(r"\s", "", render(policy["Properties"]["PolicyDocument"]))
        for role in policy["Properties"]["Roles"]:
            name = f"{stack} {json.dumps(role)}" if "Ref" in role else json.dumps(role)
            sizes[name] = sizes.get(name, 0) + len(text)
    assert sizes
    for name, size in sizes.items():
        longest = ROLE_POLICY_CHARACTERS if "Ref" in name or "Fn::" in name else ROLE_POLICY_CHARACTERS // 2
        assert size <= longest, name


def test_the_definition_of_each_state_machine_is_accepted(templates: Templates) -> None:
    for stack, key, machine in templates.everywhere("AWS::StepFunctions::StateMachine"):
        assert len(render(machine["Properties"]["DefinitionString"]).encode()) <= DEFINITION_BYTES, (stack, key)
