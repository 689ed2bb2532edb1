"""A source that is not of our making goes through the stacks: no resource of the demo, rules and routes by address, narrow permissions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Environment
from cdk_nag import AwsSolutionsChecks
from settings import Settings
from source_site import ManagedNode, RoutedNetwork

from stacks.composition import add_migration
from stacks.replication_stack import ReplicationStack
from tests.unit.sources.existing import (
    APPLICATION,
    APPLICATION_GROUP,
    COMPLETE_ARN,
    DATABASE,
    DATABASE_GROUP,
    ROLE,
    ROUTE_TABLE,
    VPC,
    describe_existing,
    import_scope,
    peered,
)

ROOT = Path(__file__).parents[3]
HYBRID = "arn:<partition>:ssm:<region>:<account>:managed-instance/"
Template = Mapping[str, Any]


@pytest.fixture(scope="module")
def settings() -> Settings:
    return Settings.load(ROOT / "migration.toml")


def new_app() -> App:
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    return App(context={**context, "aws:cdk:bundling-stacks": []})


def synthesize(app: App) -> dict[str, Template]:
    folder = Path(app.synth().directory)
    return {path.name.partition(".")[0]: json.loads(path.read_text()) for path in folder.glob("*.template.json")}


@pytest.fixture(scope="module")
def app(settings: Settings) -> App:
    app, env = new_app(), Environment(region=settings.aws.region)
    add_migration(app, settings, source=describe_existing(import_scope(settings), settings), env=env)
    return app


@pytest.fixture(scope="module")
def templates(app: App) -> dict[str, Template]:
    return synthesize(app)


@pytest.fixture(scope="module")
def replication(templates: dict[str, Template]) -> Template:
    return templates["ReplicationStack"]


def replicate(settings: Settings, **source: Any) -> Template:
    """Return ReplicationStack for another source."""
    app, env = new_app(), Environment(region=settings.aws.region)
    imports = import_scope(settings)
    if source.get("reachability") is peered:
        source["reachability"] = peered(imports)
    described = describe_existing(imports, settings, **source)
    ReplicationStack(app, "ReplicationStack", settings=settings, source=described, env=env)
    return synthesize(app)["ReplicationStack"]


def resources(template: Template, kind: str) -> dict[str, Any]:
    return {key: one for key, one in template["Resources"].items() if one["Type"] == kind}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """Return a value of a template as one string, with pseudo parameters by name."""
    pseudo = {"AWS::Partition": "<partition>", "AWS::Region": "<region>", "AWS::AccountId": "<account>"}
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(text(part) for part in parts)
    return pseudo.get(value.get("Ref", ""), json.dumps(value))


def statements(template: Template, action: str) -> Iterator[Mapping[str, Any]]:
    for policy in resources(template, "AWS::IAM::Policy").values():
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            if action in listed(statement["Action"]):
                yield statement


def rights_of_the_node_role(template: Template) -> list[tuple[str, str]]:
    """Return each (action, resource) that a policy gives to the role of the source's servers."""
    return sorted(
        (action, text(resource))
        for policy in resources(template, "AWS::IAM::Policy").values()
        if ROLE in policy["Properties"].get("Roles", [])
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    )


def test_no_resource_of_the_demo_is_made_or_needed(templates: dict[str, Template]) -> None:
    assert sorted(name for name in templates if "TargetSite" not in name) == ["MigrationStack", "ReplicationStack"]
    whole = json.dumps(templates)
    # The demo's network, and its stack
    assert [word for word in ("SourceStack", "10.10.", "source-app", "source-database") if word in whole] == []
    # The machines have a parameter of their own for each first boot; nobody else's server boots by ours
    assert "provisioning/" not in whole
    for name, template in templates.items():
        kinds = {one["Type"] for one in template["Resources"].values()}
        assert not kinds & {"AWS::EC2::Instance", "AWS::EC2::VPCPeeringConnection", "AWS::Route53::HostedZone"}, name


def test_each_private_subnet_has_a_route_to_each_network_of_the_source(replication: Template) -> None:
    routes = [one for one in resources(replication, "AWS::EC2::Route").values() if "TransitGatewayId" in str(one)]
    (attachment,) = resources(replication, "AWS::EC2::TransitGatewayVpcAttachment")
    subnets = [key for key in resources(replication, "AWS::EC2::Subnet") if "Public" not in key]
    assert len(subnets) == 4
    assert sorted(route["Properties"]["DestinationCidrBlock"] for route in routes) == [
        *["172.20.0.0/16"] * 4,
        *["192.168.7.0/24"] * 4,
    ]
    for route in routes:
        assert route["Properties"]["TransitGatewayId"] == "tgw-0123456789abcdef0"
        assert attachment in route["DependsOn"]


def test_a_virtual_private_gateway_is_attached_and_routed_to(settings: Settings) -> None:
    gateway = RoutedNetwork(cidrs=("192.168.7.0/24",), gateway_id="vgw-0123456789abcdef0")
    template = replicate(settings, reachability=gateway)
    (attachment,) = (
        key
        for key, one in resources(template, "AWS::EC2::VPCGatewayAttachment").items()
        if one["Properties"].get("VpnGatewayId") == "vgw-0123456789abcdef0"
    )
    routes = [
        one
        for one in resources(template, "AWS::EC2::Route").values()
        if one["Properties"]["DestinationCidrBlock"] == "192.168.7.0/24"
    ]
    assert len(routes) == 4
    assert {route["Properties"]["GatewayId"] for route in routes} == {"vgw-0123456789abcdef0"}
    assert all(attachment in route["DependsOn"] for route in routes)


def test_the_source_is_let_in_by_the_address_of_one_server(replication: Template) -> None:
    rules = {
        one["Properties"]["Description"]: one["Properties"]
        for one in resources(replication, "AWS::EC2::SecurityGroupIngress").values()
        if "CidrIp" in one["Properties"]
    }
    assert {(rule["CidrIp"], rule["FromPort"], rule["ToPort"]) for rule in rules.values()} == {
        ("192.168.7.20/32", 3306, 3306),
        ("192.168.7.20/32", 1500, 1500),
    }
    for key, group in resources(replication, "AWS::EC2::SecurityGroup").items():
        assert "CidrIp" not in json.dumps(group["Properties"].get("SecurityGroupIngress", [])), key


def test_a_peered_vpc_of_somebody_else_gets_routes_and_rules_by_its_ids(settings: Settings) -> None:
    app_node, database_node = ManagedNode(id="i-0123456789abcdef0"), ManagedNode(id="i-0fedcba9876543210")
    template = replicate(settings, application=app_node, database=database_node, reachability=peered)
    (peering,) = resources(template, "AWS::EC2::VPCPeeringConnection").values()
    assert peering["Properties"]["PeerVpcId"] == VPC
    back = [one for one in resources(template, "AWS::EC2::Route").values() if ROUTE_TABLE in str(one)]
    assert [route["Properties"]["DestinationCidrBlock"] for route in back] == ["10.0.0.0/16"]
    into = sorted(
        (one["Properties"]["GroupId"], one["Properties"]["FromPort"])
        for one in resources(template, "AWS::EC2::SecurityGroupIngress").values()
        if one["Properties"]["GroupId"] in (APPLICATION_GROUP, DATABASE_GROUP)
    )
    assert into == [(APPLICATION_GROUP, 2222), (DATABASE_GROUP, 3307), (DATABASE_GROUP, 3307)]
    (commands,) = {
        text(resource)
        for statement in statements(template, "ssm:SendCommand")
        for resource in listed(statement["Resource"])
        if "document" not in text(resource)
    }
    assert commands == "arn:<partition>:ec2:<region>:<account>:instance/i-0123456789abcdef0"


def test_commands_go_to_these_servers_alone(templates: dict[str, Template]) -> None:
    def commanded(name: str) -> set[str]:
        return {
            text(resource)
            for statement in statements(templates[name], "ssm:SendCommand")
            if "Condition" not in statement
            for resource in listed(statement["Resource"])
            if "document" not in text(resource)
        }

    assert commanded("ReplicationStack") == {HYBRID + APPLICATION.id}
    assert commanded("MigrationStack") == {HYBRID + APPLICATION.id, HYBRID + DATABASE.id}
    tagged = [
        statement["Condition"]["StringEquals"]["ssm:resourceTag/cutover:role"]
        for name in ("ReplicationStack", "MigrationStack")
        for statement in statements(templates[name], "ssm:SendCommand")
        if "Condition" in statement
    ]
    assert {role for roles in tagged for role in listed(roles)} == {"replica", "target"}


def test_the_named_role_gets_what_the_tool_needs_and_no_more(replication: Template) -> None:
    region = "us-east-1"
    secret = f"arn:<partition>:secretsmanager:{region}:<account>:secret:forge/"
    record = f"arn:<partition>:dynamodb:{region}:<account>:table/cutover-gogs-runs"
    parameters = f"arn:<partition>:ssm:{region}:<account>:parameter/cutover/gogs/*"
    found = rights_of_the_node_role(replication)
    own = {pair for pair in found if "Ref" not in pair[1]}
    read = ("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret")
    assert own == {
        *((action, f"{secret}{name}-??????") for name in ("database", "site") for action in read),
        *((action, COMPLETE_ARN) for action in read),
        ("secretsmanager:PutSecretValue", f"{secret}site-??????"),
        ("dynamodb:GetItem", record),
        ("dynamodb:UpdateItem", record),
        ("ssm:GetParameter", parameters),
        ("ssm:GetParameters", parameters),
    }
    # Beside it the two secrets of the target that the application server loads the schema with
    others = {pair for pair in found if "Ref" in pair[1]}
    assert {action for action, _ in others} == set(read)
    assert len({resource for _, resource in others}) == 2


def test_secrets_by_name_are_read_by_name_and_six_characters(templates: dict[str, Template]) -> None:
    """A policy that ended with the name would match no secret."""
    named = [
        text(resource)
        for name in ("ReplicationStack", "MigrationStack")
        for policy in resources(templates[name], "AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for resource in listed(statement["Resource"])
        if "secret:forge/" in text(resource)
    ]
    assert named
    assert {one for one in named if not one.endswith(("-??????", "-a1B2c3"))} == set()


def test_the_parameter_gives_the_address_that_ec2_does_not_know(replication: Template) -> None:
    (parameter,) = (
        text(one["Properties"]["Value"])
        for one in resources(replication, "AWS::SSM::Parameter").values()
        if one["Properties"]["Name"] == "/cutover/gogs/replication"
    )
    assert '"source_app_address":"192.168.7.20"' in parameter
    assert f'"source_app_instance_id":"{APPLICATION.id}"' in parameter
    assert f'"source_database_instance_id":"{DATABASE.id}"' in parameter


def test_the_names_are_those_of_the_profiles_ports(templates: dict[str, Template]) -> None:
    (parameter,) = (
        text(one["Properties"]["Value"])
        for one in resources(templates["MigrationStack"], "AWS::SSM::Parameter").values()
        if one["Properties"]["Name"] == "/cutover/gogs/target"
    )
    for part in ('"hosted_zone_id":"Z0123456789"', '"site_dns_name":"git.example.com"', '"ssh_port":2222'):
        assert part in parameter
    (zone,) = statements(templates["MigrationStack"], "route53:ChangeResourceRecordSets")
    assert text(zone["Resource"]) == "arn:<partition>:route53:::hostedzone/Z0123456789"


def test_cdk_nag_finds_nothing_that_is_not_acknowledged(app: App, templates: dict[str, Template]) -> None:
    assert templates
    found = [
        f"{violation.rule_name}: {violation.description}"
        for violation in AwsSolutionsChecks(app).validate_scope(app).violations
    ]
    assert found == []
