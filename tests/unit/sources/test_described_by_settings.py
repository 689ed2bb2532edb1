"""The tables of an existing source in migration.toml become the description that the stacks use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import App, Environment, Stack
from existing_source import describe_existing_source
from settings import Settings
from settings.sources import ExistingSource
from source_site import NamedRole, PeeredVpc, RoutedNetwork, SourceSite

from tests.unit.sources.conftest import list_permissions
from tests.unit.sources.tables import ONE_SERVER, PEERED, ROUTED, ZONE_ID, write_configuration
from tests.unit.stacks.conftest import ROOT, synthesize


def describe(folder: Path, tables: str) -> SourceSite:
    settings = Settings.load(write_configuration(folder, tables))
    assert isinstance(settings.source, ExistingSource)
    scope = Stack(App(), "Imports", env=Environment(region="us-east-1"))
    return describe_existing_source(scope, source=settings.source, site=settings.site, profile=settings.profile)


def test_servers_of_a_routed_network_are_identified_by_address(tmp_path: Path) -> None:
    site = describe(tmp_path, ROUTED)
    assert (site.application.node.id, site.application.node.address) == ("mi-0a1b2c3d4e5f60718", "192.168.7.20")
    assert (site.database.node.id, site.database.node.address) == ("mi-0f1e2d3c4b5a69788", "172.20.0.30")
    assert site.application.port == 2022
    assert site.application.permissions == NamedRole(role_name="HybridNodes")
    assert site.reachability == RoutedNetwork(
        cidrs=("192.168.7.0/24", "172.20.0.0/16"), gateway_id="tgw-0123456789abcdef0"
    )


def test_servers_of_a_peered_vpc_are_identified_by_their_security_groups(tmp_path: Path) -> None:
    site = describe(tmp_path, PEERED)
    assert isinstance(site.reachability, PeeredVpc)
    assert site.reachability.vpc_id == "vpc-0123456789abcdef0"
    assert site.reachability.application_group.security_group_id == "sg-0123456789abcdef0"
    assert site.reachability.database_group.security_group_id == "sg-0fedcba9876543210"
    assert (site.application.port, site.database.port) == (22, 3307)
    assert site.database.permissions == NamedRole(role_name="DatabaseServer")
    assert [node.role_tag for node in site.nodes] == ["", ""]


def test_the_names_belong_to_the_zone_of_the_settings(tmp_path: Path) -> None:
    names = describe(tmp_path, ROUTED).names
    assert (names.hosted_zone_id, names.dns_name) == (ZONE_ID, "git.example.com")


def test_the_stacks_replicate_the_schema_and_listen_at_the_port_of_the_owner(tmp_path: Path) -> None:
    path = write_configuration(
        tmp_path, ONE_SERVER.replace("[source.network]", '[source.database]\nschema = "forge"\n\n[source.network]')
    )
    path.write_text(path.read_text(encoding="utf-8").replace("[site]\n", "[site]\nssh_port = 22\n"), encoding="utf-8")
    templates = synthesize(Settings.load(path))

    mappings = json.loads(
        templates.only("ReplicationStack", "AWS::DMS::ReplicationTask")["Properties"]["TableMappings"]
    )
    selected = [rule["object-locator"]["schema-name"] for rule in mappings["rules"] if rule["rule-type"] == "selection"]
    assert selected == ["forge", "cutover"]
    assert templates.only("ReplicationStack", "Custom::PrepareTargetDatabase")["Properties"]["Schema"] == "forge"
    # Users keep their port. The servers' own SSH server has port 22, so the application listens at that of the profile.
    listeners = templates.resources("ServersStack", "AWS::ElasticLoadBalancingV2::Listener").values()
    assert 22 in {one["Properties"]["Port"] for one in listeners}
    groups = templates.resources("ServersStack", "AWS::ElasticLoadBalancingV2::TargetGroup").values()
    assert {one["Properties"]["Port"] for one in groups} == {80, 2222}


def write_elsewhere(folder: Path) -> Path:
    """Write the settings of a routed source whose zone is not in Route 53. Return the path."""
    path = write_configuration(folder, ROUTED)
    text = path.read_text(encoding="utf-8")
    zone = text[text.index("[site.hosted_zone]") : text.index("\n#", text.index("\nid ="))]
    path.write_text(text.replace(zone, '[site.hosted_zone]\nkind = "elsewhere"'), encoding="utf-8")
    return path


def test_no_function_may_change_a_zone_that_is_kept_elsewhere_and_the_run_waits_for_its_owner(tmp_path: Path) -> None:
    templates = synthesize(Settings.load(write_elsewhere(tmp_path)))

    assert not [
        action
        for stack in ("TestLaunchStack", "MigrationStack")
        for action, _, _ in list_permissions(templates, stack)
        if action.startswith("route53")
    ]
    machines = templates.resources("MigrationStack", "AWS::StepFunctions::StateMachine")
    waiting = [name for name, machine in machines.items() if "await-names" in json.dumps(machine)]
    assert len(waiting) == 1
    (target,) = [
        parameter["Properties"]["Value"]
        for parameter in templates.resources("TestLaunchStack", "AWS::SSM::Parameter").values()
        if "site_dns_name" in json.dumps(parameter)
    ]
    assert '\\"hosted_zone_id\\":\\"\\"' in json.dumps(target)


def test_a_server_with_both_roles_is_one_node(tmp_path: Path) -> None:
    site = describe(tmp_path, ONE_SERVER)
    assert site.database.node == site.application.node
    assert site.database.permissions == site.application.permissions
    assert (site.application.port, site.database.port) == (2022, 3306)
    assert [node.id for node in site.nodes] == ["mi-0a1b2c3d4e5f60718"]


def test_a_server_with_both_roles_gets_its_permissions_once(tmp_path: Path) -> None:
    templates = synthesize(Settings.load(write_configuration(tmp_path, ONE_SERVER)))
    granted = list(list_permissions(templates, "ReplicationStack", role="HybridNodes"))
    assert granted
    assert len(granted) == len(set(granted))


def test_one_server_is_opened_on_both_ports_to_the_destination(tmp_path: Path) -> None:
    one = PEERED.replace('node_id = "i-0f1e2d3c4b5a69788"\nrole_name = "DatabaseServer"\n', "")
    one = one.replace("sg-0fedcba9876543210", "sg-0123456789abcdef0")
    templates = synthesize(Settings.load(write_configuration(tmp_path, one)))
    rules = [
        rule["Properties"]["FromPort"]
        for rule in templates.resources("ReplicationStack", "AWS::EC2::SecurityGroupIngress").values()
        if rule["Properties"]["GroupId"] == "sg-0123456789abcdef0"
    ]
    assert sorted(rules) == [22, 3307, 3307]  # the delta; DMS and the comparison


@pytest.mark.parametrize("tables", [PEERED, ROUTED])
def test_the_app_needs_no_credentials_and_has_no_source_stack(tmp_path: Path, tables: str) -> None:
    # Given the environment of the CDK CLI, without credentials, a home with credentials and a metadata service
    out = tmp_path / "cdk.out"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "HOME": str(tmp_path),
        "AWS_EC2_METADATA_DISABLED": "true",
        "CUTOVER_CONFIG": str(write_configuration(tmp_path, tables)),
        "CDK_OUTDIR": str(out),
        "CDK_CONTEXT_JSON": json.dumps({"aws:cdk:bundling-stacks": []}),
    }

    # When the app is started as the CDK CLI starts it
    subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, check=True, timeout=300)

    # Then the assembly has the stacks of the site and those that migrate, and asks the CLI for no look-up
    manifest = json.loads((out / "manifest.json").read_text())
    stacks = [key for key, one in manifest["artifacts"].items() if one["type"] == "aws:cloudformation:stack"]
    assert sorted(stacks) == ["DataStack", "MigrationStack", "ReplicationStack", "ServersStack", "TestLaunchStack"]
    assert manifest.get("missing", []) == []
    deployed_first = manifest["artifacts"]["MigrationStack"]["dependencies"]
    assert sorted(name for name in deployed_first if name in stacks) == sorted({*stacks} - {"MigrationStack"})
