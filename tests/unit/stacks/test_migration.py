"""Deploying MigrationStack performs the migration; what that must not do is tested here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from common.run import Kind
from common.settings import Settings as FunctionSettings
from common.site_parameters import SCRATCH, Parameter, Target, build_parameter_path
from settings import Settings

from operate.site import LOGICAL_IDS, STACKS
from tests.unit.stacks.conftest import Templates

ROOT = Path(__file__).parents[3]
STACK, LAUNCH, SERVERS, DATA = "MigrationStack", "TestLaunchStack", "ServersStack", "DataStack"


def references(value: Any) -> Iterator[str]:
    """Logical ids that a value refers to."""
    if isinstance(value, Mapping):
        if "Ref" in value:
            yield value["Ref"]
        elif "Fn::GetAtt" in value:
            target = value["Fn::GetAtt"]
            yield target[0] if isinstance(target, list) else target.split(".")[0]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def before(resources: Mapping[str, Any], key: str) -> set[str]:
    """Everything that CloudFormation makes before `key`, however far."""
    seen: set[str] = set()
    todo = [key]
    while todo:
        one = resources[todo.pop()]
        needed = {*references(one.get("Properties", {})), *one.get("DependsOn", [])}
        new = (needed & resources.keys()) - seen
        seen |= new
        todo += new
    return seen


def test_the_cutover_depends_on_every_other_resource(templates: Any) -> None:
    """After its commit nothing of the deploy may fail any more: CloudFormation would roll back a live site."""
    resources = templates[STACK]["Resources"]
    (cutover,) = templates.resources(STACK, "Custom::Cutover")
    assert resources.keys() - before(resources, cutover) - {cutover} == set()


def test_no_dependency_is_circular(templates: Any) -> None:
    for name, template in templates.by_name.items():
        resources = template["Resources"]
        assert [key for key in resources if key in before(resources, key)] == [], name


def test_only_outputs_depend_on_the_cutover(templates: Any) -> None:
    resources = templates[STACK]["Resources"]
    (cutover,) = templates.resources(STACK, "Custom::Cutover")
    assert [key for key, one in resources.items() if cutover in {*references(one), *one.get("DependsOn", [])}] == []


def test_the_servers_use_the_image_that_passed_the_test_launch(templates: Any) -> None:
    (launch,) = templates.resources(LAUNCH, "Custom::TestLaunch")
    staged = templates.only(LAUNCH, "Custom::StageServers")["Properties"]
    assert staged["ImageId"] == {"Fn::GetAtt": [launch, "ImageId"]}
    assert staged["StackName"] == SERVERS
    parameter = templates[SERVERS]["Parameters"]["Image"]
    assert (parameter["Type"], parameter["Default"]) == (
        "AWS::SSM::Parameter::Value<String>",
        build_parameter_path("gogs", Parameter.IMAGE),
    )
    image = templates.only(SERVERS, "AWS::EC2::LaunchTemplate")["Properties"]["LaunchTemplateData"]["ImageId"]
    assert image["Fn::If"][:2] == ["HasImage", {"Ref": "Image"}]


def test_the_group_is_empty_while_there_is_no_image(templates: Any) -> None:
    group = templates.only(SERVERS, "AWS::AutoScaling::AutoScalingGroup")["Properties"]
    assert group["MinSize"] == {"Fn::If": ["HasImage", "2", "0"]}
    assert templates[SERVERS]["Conditions"]["HasImage"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Image"}, "none"]}]}
    first = {
        one["Properties"]["Name"]: one["Properties"]["Value"]
        for one in templates.resources(DATA, "AWS::SSM::Parameter").values()
    }
    assert first[build_parameter_path("gogs", Parameter.IMAGE)] == "none"
    assert first[build_parameter_path("gogs", Parameter.IMAGE_ROOT_DEVICE)] == "/dev/sda1", "of the placeholder"


def test_the_function_that_updates_the_servers_reads_the_parameters_of_their_template(templates: Any) -> None:
    """CloudFormation reads them with the rights of the caller of UpdateStack."""
    names = {one["Default"].removeprefix("/") for one in templates[SERVERS]["Parameters"].values()}
    assert names == {"cutover/gogs/image", "cutover/gogs/image-root-device", "cdk-bootstrap/hnb659fds/version"}
    for name in ("OnEvent", "IsComplete"):
        (policy,) = (
            one["Properties"]["PolicyDocument"]["Statement"]
            for key, one in templates.resources(LAUNCH, "AWS::IAM::Policy").items()
            if key.startswith(f"CustomResources{name}")
        )
        (statement,) = (one for one in policy if one["Action"] == "ssm:GetParameters")
        readable = [_joined(one).rpartition(":parameter/")[2] for one in statement["Resource"]]
        assert all(any(fnmatchcase(wanted, pattern) for pattern in readable) for wanted in names), readable


def test_an_image_of_the_settings_is_used_as_it_is(settings: Settings, synthesized: Any) -> None:
    target = settings.target.model_copy(update={"image_id": "ami-0a1b2c3d4e5f60718", "minimum": 3})
    templates = synthesized(settings.model_copy(update={"target": target}))
    data = templates.only(SERVERS, "AWS::EC2::LaunchTemplate")["Properties"]["LaunchTemplateData"]
    assert data["ImageId"] == "ami-0a1b2c3d4e5f60718"
    assert templates.only(SERVERS, "AWS::AutoScaling::AutoScalingGroup")["Properties"]["MinSize"] == "3"
    assert "Image" not in templates[SERVERS].get("Parameters", {})


def test_a_report_can_be_sent_before_a_replica_is_launched(templates: Any) -> None:
    resources = templates[LAUNCH]["Resources"]
    (launch,) = templates.resources(LAUNCH, "Custom::TestLaunch")
    first = before(resources, launch)
    kinds = {resources[key]["Type"] for key in first}
    assert {
        "AWS::SNS::Subscription",
        "AWS::Lambda::Permission",
        "AWS::SQS::QueuePolicy",
        "AWS::SSM::Parameter",
    } <= kinds
    assert any(key.startswith("ReportsPublishing") for key in first)


def test_the_target_site_spans_two_zones_and_replaces_unhealthy_instances(templates: Any) -> None:
    group = templates.only(SERVERS, "AWS::AutoScaling::AutoScalingGroup")["Properties"]
    assert group["MaxSize"] == "4"
    assert "DesiredCapacity" not in group, "a deploy would undo what scaling has done"
    assert len(group["VPCZoneIdentifier"]) == 2
    assert group["HealthCheckType"] == "ELB"
    assert len(group["TargetGroupARNs"]) == 2


def test_servers_have_encrypted_volumes_and_no_key_pair(templates: Any) -> None:
    data = templates.only(SERVERS, "AWS::EC2::LaunchTemplate")["Properties"]["LaunchTemplateData"]
    (disk,) = data["BlockDeviceMappings"]
    assert disk["DeviceName"] == {"Ref": "ImageRootDevice"}, "another name would be a second disk"
    assert disk["Ebs"]["Encrypted"] is True
    assert data["MetadataOptions"]["HttpTokens"] == "required"
    assert data["MetadataOptions"]["InstanceMetadataTags"] == "enabled"
    assert not {"KeyName", "UserData"} & data.keys()


def test_sessions_are_sticky_and_the_site_has_its_own_health_check(templates: Any) -> None:
    groups = {
        one["Properties"]["Protocol"]: one["Properties"]
        for one in templates.resources(SERVERS, "AWS::ElasticLoadBalancingV2::TargetGroup").values()
    }
    assert {group["HealthCheckPath"] for group in groups.values()} == {"/cutover/health"}
    attributes = {one["Key"]: one["Value"] for one in groups["HTTP"]["TargetGroupAttributes"]}
    assert attributes["stickiness.lb_cookie.duration_seconds"] == "300"
    assert (groups["HTTP"]["Port"], groups["TCP"]["Port"], groups["TCP"]["HealthCheckPort"]) == (80, 2222, "80")


def test_git_has_a_long_idle_timeout_and_servers_close_after_the_load_balancer(templates: Any) -> None:
    balancers = templates.resources(SERVERS, "AWS::ElasticLoadBalancingV2::LoadBalancer").values()
    (http,) = (one["Properties"] for one in balancers if one["Properties"]["Type"] == "application")
    idle = {one["Key"]: one["Value"] for one in http["LoadBalancerAttributes"]}["idle_timeout.timeout_seconds"]
    proxy = (ROOT / "assets/ansible/roles/reverse_proxy/templates/haproxy.cfg.j2").read_text()
    (kept,) = re.findall(r"timeout http-keep-alive (\d+)m$", proxy, re.MULTILINE)
    assert int(idle) == 600
    assert int(kept) * 60 > int(idle)


def test_only_the_procedure_changes_the_public_name(templates: Any) -> None:
    assert [name for name, _, _ in templates.everywhere("AWS::Route53::RecordSet")] == ["SourceStack"] * 2


def test_the_parameter_and_the_run_together_hold_all_facts_of_the_target(templates: Any) -> None:
    parameters = {
        one["Properties"]["Name"]: one["Properties"]["Value"]
        for stack in (DATA, LAUNCH)
        for one in templates.resources(stack, "AWS::SSM::Parameter").values()
    }
    assert parameters[build_parameter_path("gogs", Parameter.MODE)] == SCRATCH
    text = "".join(
        part if isinstance(part, str) else "x"
        for part in parameters[build_parameter_path("gogs", Parameter.TARGET)]["Fn::Join"][1]
    )
    given = templates.only(STACK, "Custom::Cutover")["Properties"]["Target"]
    everything = {**json.loads(text), **given}
    ssh = {
        f"ssh_{name}": everything[f"ssh_{name}"]
        for name in ("port", "dns_name", "load_balancer_dns", "load_balancer_zone_id")
    }
    assert {*everything} - {*ssh} == {field.name for field in fields(Target)} - {"tcp"}
    (port,) = Target.from_json(everything).tcp
    assert (port.name, port.number, port.dns_name) == ("ssh", 2222, "ssh.git.example.com")
    assert port.load_balancer_dns
    assert port.load_balancer_zone_id


def test_functions_receive_all_required_settings_and_no_secret(templates: Any) -> None:
    for name, key, function in templates.everywhere("AWS::Lambda::Function"):
        variables = function["Properties"].get("Environment", {}).get("Variables", {})
        if "CUTOVER_SITE" not in variables:
            continue  # the CDK's own framework
        plain = {one: value if isinstance(value, str) else _joined(value) for one, value in variables.items()}
        settings = FunctionSettings.from_environment(plain)
        assert settings.site == "gogs", (name, key)
        assert not [one for one in plain if "PASSWORD" in one or "TOKEN" in one], (name, key)


def _joined(value: Mapping[str, Any]) -> str:
    if "Fn::Join" not in value:
        return "x"
    separator, parts = value["Fn::Join"]
    return str(separator).join(part if isinstance(part, str) else "x" for part in parts)


def test_a_failed_report_goes_to_a_dead_letter_queue(templates: Any) -> None:
    queues = templates.resources(LAUNCH, "AWS::SQS::Queue")
    (lost,) = [key for key in queues if key.startswith("ReportsLost")]
    (report,) = [
        one
        for key, one in templates.resources(LAUNCH, "AWS::Lambda::Function").items()
        if key.startswith("ReportsFunction")
    ]
    assert report["Properties"]["DeadLetterConfig"]["TargetArn"]["Fn::GetAtt"][0] == lost
    redriven = [one["Properties"]["RedrivePolicy"] for one in queues.values() if "RedrivePolicy" in one["Properties"]]
    assert [one["deadLetterTargetArn"]["Fn::GetAtt"][0] for one in redriven] == [lost]


@pytest.mark.parametrize("kind", LOGICAL_IDS)
def test_the_operators_command_finds_the_state_machine_of_each_kind(templates: Templates, kind: Kind) -> None:
    machines = templates.resources(STACKS[kind], "AWS::StepFunctions::StateMachine")
    assert len([name for name in machines if name.startswith(LOGICAL_IDS[kind])]) == 1
