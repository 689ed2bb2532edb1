"""With another provider the templates carry its grants, ports and agent, and nothing of the first one's."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.unit.providers.conftest import Load
from tests.unit.stacks.conftest import Templates, synthesize


@pytest.fixture
def templates(load: Load, released: None) -> Templates:  # noqa: ARG001 (a fixture for its effect)
    return synthesize(load())


def list_statements(templates: Templates, action: str) -> Iterator[str]:
    """Yield stack and logical id of each policy that allows `action`."""
    for name, key, policy in templates.everywhere("AWS::IAM::Policy"):
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            if action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]):
                yield f"{name}.{key}"


def test_a_synthesized_app_contains_only_its_provider(templates: Templates) -> None:
    # Each function that calls the provider has the right that it needs
    for action, functions in {
        "fake:StartTest": {"TestLaunchStack.ProcedureFunction"},
        "iam:GetInstanceProfile": {"TestLaunchStack.ProcedureFunction"},
        "fake:Terminate": {
            "TestLaunchStack.ExpiryFunction",
            *(
                f"{stack}.CustomResources{function}"
                for stack in ("TestLaunchStack", "MigrationStack")
                for function in ("OnEvent", "IsComplete")
            ),
        },
        "fake:Initialize": {"SourceStack.GogsServerProviderInitializationFunction"},
        "fake:SetReplication": {"ReplicationStack.CustomResourcesOnEvent"},
    }.items():
        assert {where.partition("Role")[0] for where in list_statements(templates, action)} == functions, action
    (agent,) = list_statements(templates, "fake:RegisterAgent")
    assert agent.startswith("SourceStack.GogsServer")

    # Its replication servers take what its agent sends
    into = {
        rule["Properties"]["FromPort"]
        for _, rule in templates.resources("ReplicationStack", "AWS::EC2::SecurityGroupIngress").items()
        if "AccessBlocks" in json.dumps(rule["Properties"]["GroupId"])
    }
    assert into == {7001, 7002}

    # Functions and playbook receive it
    environments = [
        one["Properties"].get("Environment", {}) for _, _, one in templates.everywhere("AWS::Lambda::Function")
    ]
    variables = [one["Variables"] for one in environments if "CUTOVER_PROVIDER" in one.get("Variables", {})]
    assert variables
    assert {(one["CUTOVER_PROVIDER"], one["CUTOVER_PROVIDER_SETTINGS"]) for one in variables} == {
        ("fake", '{"staging_tag": "cutover"}')
    }
    plans = json.dumps([one["Properties"]["Value"] for _, _, one in templates.everywhere("AWS::SSM::Parameter")])
    assert '\\"replication_agent_role\\": \\"fake_agent\\"' in plans.replace("\\\\", "\\")

    # And nothing is left of the first provider
    whole = json.dumps({name: templates[name] for name in templates.by_name}).lower()
    assert [word for word in ("cloudendure", "cutover/console", "agent-token", "1500") if word in whole] == []
