"""The mock source."""

from __future__ import annotations

import json
import re
from typing import Any

from settings import Settings

ASSET = r"[0-9a-f]{64}\.zip"


def flat(value: Any) -> str:
    return json.dumps(value)


def test_user_data_holds_a_parameter_name_and_no_secret(templates: Any) -> None:
    for key, machine in templates.resources("SourceStack", "AWS::EC2::Instance").items():
        script = flat(machine["Properties"]["UserData"])
        assert "/cutover/gogs/provisioning/source-" in script, key
        assert "secretsmanager" not in script.lower(), key
        assert not re.search(r"Secret|[0-9a-f]{64}", script), key


def test_a_changed_playbook_does_not_replace_the_machines(templates: Any) -> None:
    """The asset's key is in the parameter; were it in the user data, CloudFormation would stop the running source."""
    for key, machine in templates.resources("SourceStack", "AWS::EC2::Instance").items():
        assert not re.search(ASSET, flat(machine)), key
    for key, parameter in templates.resources("SourceStack", "AWS::SSM::Parameter").items():
        assert re.search(ASSET, flat(parameter)), key


def test_a_newer_image_does_not_replace_the_machines(templates: Any) -> None:
    """An image that CloudFormation looks up at each deploy, as a parameter, would replace a source that holds data."""
    for key, machine in templates.resources("SourceStack", "AWS::EC2::Instance").items():
        assert "ImageId" not in machine["Properties"], key
        template = machine["Properties"]["LaunchTemplate"]
        data = templates["SourceStack"]["Resources"][template["LaunchTemplateId"]["Ref"]]["Properties"]
        assert data["LaunchTemplateData"]["ImageId"].startswith("resolve:ssm:/aws/service/canonical/ubuntu/"), key
        assert template["Version"] == "1", key
        assert machine["UpdateReplacePolicy"] == "Retain", key
    parameters = templates["SourceStack"].get("Parameters", {})
    assert not [key for key, one in parameters.items() if "Image" in one["Type"]]


def test_both_servers_are_installed_at_the_same_time(templates: Any) -> None:
    """The playbook of the application waits for the database where it needs it; see the test of the role gogs."""
    resources = templates["SourceStack"]["Resources"]
    for server, other in (("GogsServer", "DatabaseServer"), ("DatabaseServer", "GogsServer")):
        assert not [name for name in _list_needed(resources, f"{server}Provisioning") if name.startswith(other)], server


def _list_needed(resources: Any, beginning: str) -> set[str]:
    """Return the names of all resources that must be complete before those whose names begin so."""
    needed: set[str] = set()
    waiting = [name for name in resources if name.startswith(beginning)]
    assert waiting
    while waiting:
        for name in resources[waiting.pop()].get("DependsOn", []):
            if name not in needed:
                needed.add(name)
                waiting.append(name)
    return needed


def test_both_servers_signal_when_they_are_ready(templates: Any) -> None:
    conditions = templates.resources("SourceStack", "AWS::CloudFormation::WaitCondition")
    assert len(conditions) == 2
    for key, condition in conditions.items():
        assert condition["Properties"]["Count"] == 1, key
        assert any("Instance" in name for name in condition["DependsOn"]), key


def test_machines_have_a_role_tag(templates: Any) -> None:
    roles = {
        tag["Value"]
        for machine in templates.resources("SourceStack", "AWS::EC2::Instance").values()
        for tag in machine["Properties"]["Tags"]
        if tag["Key"] == "cutover:role"
    }
    assert roles == {"source-app", "source-database"}


def test_the_names_and_a_demo_zone_are_retained(templates: Any) -> None:
    records = templates.resources("SourceStack", "AWS::Route53::RecordSet")
    assert {record["Properties"]["Name"] for record in records.values()} == {"git.example.com.", "ssh.git.example.com."}
    zone = templates.only("SourceStack", "AWS::Route53::HostedZone")
    assert {one["DeletionPolicy"] for one in (*records.values(), zone)} == {"Retain"}


def test_an_existing_zone_is_used_unchanged(settings: Settings, synthesized: Any) -> None:
    zone = settings.site.hosted_zone.model_copy(update={"id": "Z0123456789"})
    site = settings.site.model_copy(update={"hosted_zone": zone})
    templates = synthesized(settings.model_copy(update={"site": site}))
    assert not templates.resources("SourceStack", "AWS::Route53::HostedZone")
    for record in templates.resources("SourceStack", "AWS::Route53::RecordSet").values():
        assert record["Properties"]["HostedZoneId"] == "Z0123456789"


def test_secrets_are_generated_and_not_in_the_template(templates: Any) -> None:
    secrets = list(templates.everywhere("AWS::SecretsManager::Secret"))
    assert len(secrets) == 6
    for _, key, secret in secrets:
        assert "SecretString" not in secret["Properties"], key
        assert secret["Properties"]["GenerateSecretString"]["PasswordLength"] >= 30, key
