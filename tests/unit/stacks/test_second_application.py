"""The stacks of a second application: no port but HTTP, two schemas, names of its own, and no word of the first one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from settings import Settings, SettingsError

from tests.second_application import NAME, second_application
from tests.unit.stacks.conftest import ROOT, synthesize

RELEASE = f"""
[{NAME}]
version = "2.1"
archive_url = "https://example.com/tiny.tar.gz"
archive_sha256 = "{"0" * 64}"
"""


def text() -> str:
    """Return the shipped migration.toml, for the other application."""
    shipped = (ROOT / "migration.toml").read_text()
    first, _, rest = shipped.partition("[gogs]\n")
    lines = (
        line for line in first.splitlines() if not line.startswith(("ssh_dns_name", "project", "source_server_name"))
    )
    provider = f'project = "Demo"\nsource_server_name = "{NAME}"\n'
    changed = (
        "\n".join(lines)
        .replace('name = "gogs"', f'name = "{NAME}"')
        .replace("\n[provider]\n", f"\n[provider]\n{provider}")
    )
    return f'application = "{NAME}"\n{changed}\n{RELEASE}\n{rest[rest.index("[source]") :]}'


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    path = tmp_path_factory.mktemp("second") / "migration.toml"
    path.write_text(text())
    with second_application():
        yield synthesize(Settings.load(path))


def test_no_template_names_the_first_application(templates: Any) -> None:
    for name, template in templates.by_name.items():
        assert "gogs" not in json.dumps(template).lower(), name


def test_a_profile_without_demo_content_creates_none(templates: Any) -> None:
    assert '"demo_content": false' in json.dumps(templates.by_name["SourceStack"]).replace("\\", "")


def test_users_reach_only_the_http_port(templates: Any) -> None:
    balancers = templates.resources("ServersStack", "AWS::ElasticLoadBalancingV2::LoadBalancer").values()
    assert [one["Properties"]["Type"] for one in balancers] == ["application"]
    ports = {
        rule["FromPort"]
        for _, _, group in templates.everywhere("AWS::EC2::SecurityGroup")
        for rule in group["Properties"].get("SecurityGroupIngress", [])
        if "CidrIp" in rule
    }
    assert ports == {80}
    assert len(templates.resources("SourceStack", "AWS::Route53::RecordSet")) == 1
    assert not [
        key for key in templates.only("MigrationStack", "Custom::Cutover")["Properties"]["Target"] if "ssh" in key
    ]


def test_both_schemas_are_replicated(templates: Any) -> None:
    rules = json.loads(templates.only("ReplicationStack", "AWS::DMS::ReplicationTask")["Properties"]["TableMappings"])[
        "rules"
    ]
    assert [rule["object-locator"]["schema-name"] for rule in rules] == ["tiny_content", "tiny_users", "cutover"]


def test_machines_and_functions_receive_the_name_of_the_application(templates: Any) -> None:
    functions = [
        one["Properties"]["Environment"]["Variables"]
        for _, _, one in templates.everywhere("AWS::Lambda::Function")
        if "CUTOVER_SITE" in one["Properties"].get("Environment", {}).get("Variables", {})
    ]
    assert {variables["CUTOVER_APPLICATION"] for variables in functions} == {NAME}
    plans = [json.dumps(one) for one in templates.resources("SourceStack", "AWS::SSM::Parameter").values()]
    assert len(plans) == 2
    assert any("database.yml" in plan and f'\\"application_name\\": \\"{NAME}\\"' in plan for plan in plans)
    assert any("tiny.yml" in plan for plan in plans)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('version = "2.1"', 'version = "1.9"', f"{NAME}.version: expected a release of Tiny 2"),
        ("[provider]\n", '[gogs]\nversion = "0.14.3"\n[provider]\n', "gogs: unknown key"),
        (
            'dns_name = "git.example.com"',
            'dns_name = "git.example.com"\nssh_dns_name = "ssh.example.com"',
            "site.ssh_dns_name: expected no ssh_dns_name",
        ),
        (f'application = "{NAME}"', 'application = "other"', f"application: expected one of gogs, {NAME}"),
    ],
)
def test_settings_of_another_application_are_rejected(tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = tmp_path / "migration.toml"
    assert old in text()
    path.write_text(text().replace(old, new, 1))
    with second_application(), pytest.raises(SettingsError) as refused:
        Settings.load(path)
    assert reason in str(refused.value)
