"""The contract with ministack: the internals that the registry uses exist and behave as expected."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from ministack import app  # type: ignore[import-untyped]
from ministack.core import iam_actions, iam_evaluator, router  # type: ignore[import-untyped]
from ministack.services import iam  # type: ignore[import-untyped]
from ministack.services.cloudformation import provisioners, stacks  # type: ignore[import-untyped]

from rehearsal.aws.registry import Check, Registry
from rehearsal.settings import ACCOUNT

STORES = {
    "ec2": "subnets vpcs security_groups route_tables vpc_peering internet_gateways volumes tags launch_templates",
    "alb": "lbs tgs listeners rules targets tg_attrs",
    "rds": "subnet_groups param_groups",
    "efs": "file_systems mount_targets",
    "route53": "zones records",
    "acm": "certificates",
    "iam": "roles instance_profiles",
    "ssm": "PUBLIC_AMI_PARAMETERS",
}
FUNCTIONS = ("_sm_secret_string", "_sm_target_connection")


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Return a registry whose registrations end with the test."""
    monkeypatch.setattr(app, "SERVICE_HANDLERS", dict(app.SERVICE_HANDLERS))
    monkeypatch.setattr(router, "SERVICE_PATTERNS", dict(router.SERVICE_PATTERNS))
    monkeypatch.setattr(provisioners, "_RESOURCE_HANDLERS", dict(provisioners._RESOURCE_HANDLERS))
    for name in ("_runs_on_worker_thread", "_provision_resource", "_update_resource"):
        monkeypatch.setattr(stacks, name, getattr(stacks, name))
    for name in ("_provision_resource", "_update_resource"):
        monkeypatch.setattr(provisioners, name, getattr(provisioners, name))
    return Registry()


def call(service: str, **fields: str) -> tuple[int, bytes]:
    """Call the handler of a service in the way of ministack. Return status and body."""
    status, _, body = asyncio.run(app.SERVICE_HANDLERS[service]("POST", "/", {}, urlencode(fields).encode(), {}))
    return status, body


@pytest.mark.parametrize(("service", "names"), STORES.items())
def test_the_stores_exist(registry: Registry, service: str, names: str) -> None:
    for name in names.split():
        assert hasattr(registry.get_records(service, name), "items")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_replaced_functions_exist(name: str) -> None:
    assert callable(getattr(provisioners, name))


def test_the_registered_handlers_of_a_type_are_called(registry: Registry) -> None:
    made: list[tuple[Any, ...]] = []

    def create(*arguments: Any) -> tuple[str, dict[str, Any]]:
        made.append(arguments)
        return f"thing-{len(made)}", {"Size": 1}

    registry.register_type("AWS::Test::Thing", create=create, delete=lambda *a: made.append(a))
    assert stacks._runs_on_worker_thread("AWS::Test::Thing")
    assert provisioners._provision_resource("AWS::Test::Thing", "Logical", {"A": "1"}, "Stack") == (
        "thing-1",
        {"Size": 1},
    )
    # An update replaces the resource; CloudFormation deletes the first one afterwards.
    changed = provisioners._update_resource(
        "AWS::Test::Thing", "thing-1", {"A": "1"}, {"A": "2"}, "Stack", "Logical", {}
    )
    provisioners._delete_resource("AWS::Test::Thing", "thing-1", {"A": "1"}, "Stack", "Logical")
    assert changed[0] == "thing-2"
    assert made == [("Logical", {"A": "1"}, "Stack"), ("Logical", {"A": "2"}, "Stack"), ("thing-1", {"A": "1"})]


def test_an_unknown_resource_type_is_an_error(registry: Registry) -> None:
    del registry
    with pytest.raises(ValueError, match="Unsupported resource type: AWS::Test::Unknown"):
        stacks._provision_resource("AWS::Test::Unknown", "Logical", {}, "Stack")


def test_properties_are_checked_before_a_resource_is_created(registry: Registry) -> None:
    def check(kind: str, properties: Mapping[str, Any]) -> None:
        raise ValueError(f"{kind} {sorted(properties)}")

    registry.check_properties(check)
    with pytest.raises(ValueError, match=r"AWS::SNS::Topic \['Colour'\]"):
        stacks._provision_keeping_seed("AWS::SNS::Topic", "Logical", {"Colour": "red"}, "Stack")
    with pytest.raises(ValueError, match=r"AWS::SNS::Topic \['Colour'\]"):  # the path of a nested stack's resources
        provisioners._provision_resource("AWS::SNS::Topic", "Logical", {"Colour": "red"}, "Nested")
    assert list(inspect.signature(stacks._update_keeping_seed).parameters) == ["args"]


def test_other_actions_than_registered_ones_are_passed_on_or_rejected(registry: Registry) -> None:
    notified: list[str] = []
    registry.register_actions("ec2", {"CreateImage": lambda instance_id, name: {"ImageId": f"{instance_id} {name}"}})
    registry.register_actions("ec2", {}, passes=["DescribeVpcs", "CreateVpc"], changed=notified.append)
    assert b"<imageId>i-1 n</imageId>" in call("ec2", Action="CreateImage", InstanceId="i-1", Name="n")[1]
    assert call("ec2", Action="DescribeVpcs")[0] == 200
    assert call("ec2", Action="CreateVpc", CidrBlock="10.9.0.0/16")[0] == 200
    assert notified == ["CreateVpc"]
    status, body = call("ec2", Action="CreateFleet")
    assert status == 400
    assert b"ec2 CreateFleet is not emulated" in body


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"InstanceId": "i-1", "Name": "n", "NoReboot": "true"}, b"parameter NoReboot is not emulated"),
        ({"InstanceId": "i-1"}, b"must contain the parameter Name"),
        ({"InstanceId": "i-1", "Name": "n", "Colour": "red"}, b"unknown parameter Colour"),
    ],
)
def test_invalid_parameters_of_an_action_are_rejected(
    registry: Registry, fields: dict[str, str], reason: bytes
) -> None:
    registry.register_ec2_action("CreateImage", lambda instance_id, name: {"ImageId": instance_id + name})
    status, body = call("ec2", Action="CreateImage", **fields)
    assert status == 400
    assert reason in body


def test_an_action_unknown_to_aws_cannot_be_registered(registry: Registry) -> None:
    with pytest.raises(Exception, match="CreatePicture"):
        registry.register_ec2_action("CreatePicture", lambda: None)


def test_a_new_service_is_found_by_its_target(registry: Registry) -> None:
    registry.register_actions("dms", {"DescribeAccountAttributes": lambda: {"UniqueAccountIdentifier": "here"}})
    headers = {"x-amz-target": "AmazonDMSv20160101.DescribeAccountAttributes"}
    assert router.detect_service("POST", "/", headers, {}) == "dms"
    status, _, body = asyncio.run(app.SERVICE_HANDLERS["dms"]("POST", "/", headers, b"{}", {}))
    assert (status, body) == (200, b'{"UniqueAccountIdentifier": "here"}')


def test_a_service_whose_operations_are_in_the_path_is_found_by_its_signature(registry: Registry) -> None:
    registry.register_actions("mgn", {"DescribeJobs": lambda max_results: {"items": [], "nextToken": str(max_results)}})
    registry.register_private_actions("mgn", {"RegisterAgentForMgn": lambda document: {"sent": document}})
    signed = {"authorization": "AWS4-HMAC-SHA256 Credential=test/20261129/us-east-1/mgn/aws4_request"}
    assert router.detect_service("POST", "/DescribeJobs", signed, {}) == "mgn"
    handle = app.SERVICE_HANDLERS["mgn"]
    status, _, body = asyncio.run(handle("POST", "/DescribeJobs", signed, b'{"maxResults": 7}', {}))
    assert (status, body) == (200, b'{"items": [], "nextToken": "7"}')
    status, _, body = asyncio.run(handle("POST", "/RegisterAgentForMgn", signed, b'{"identity": "mac"}', {}))
    assert (status, body) == (200, b'{"sent": {"identity": "mac"}}')
    status, headers, body = asyncio.run(handle("POST", "/CreateWave", signed, b"{}", {}))
    assert (status, headers["x-amzn-errortype"]) == (400, "UnsupportedOperation")


def test_policies_are_asked_for_the_operation_in_the_path(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((iam_actions, "extract_iam_action"), (iam_evaluator, "enforce")):
        monkeypatch.setattr(module, name, getattr(module, name))
    for name in ("SERVICE_TO_IAM_NAMESPACE", "_BOTOCORE_SERVICE_MAP"):
        monkeypatch.setattr(iam_actions, name, dict(getattr(iam_actions, name)))
    registry.authorize({"mgn"}, lambda *_: [Check("mgn:StartTest", "arn:one")])
    assert iam_actions.extract_iam_action("mgn", "POST", "/StartTest", {}, b"{}", {}) == "mgn:StartTest"


def test_a_managed_policy_is_known_by_its_arn(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iam, "_aws_managed_policies", dict(iam._aws_managed_policies))
    registry.add_managed_policy("service-role/Own", {"Version": "2012-10-17", "Statement": []})
    document = iam_evaluator._resolve_managed_policy_document("arn:aws:iam::aws:policy/service-role/Own", ACCOUNT)
    assert document == '{"Version": "2012-10-17", "Statement": []}'


def test_policies_are_simulated_for_all_resources_and_with_the_context(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_extract_simulate_params", "_build_simulate_results_real"):
        monkeypatch.setattr(iam, name, getattr(iam, name))
    registry.simulate_with_context()
    condition = {"StringEquals": {"aws:ResourceTag/owner": "mgn"}}
    allowed = {"Effect": "Allow", "Action": "ec2:*", "Resource": "arn:aws:ec2:*:*:instance/*", "Condition": condition}
    asked = {
        "Action": "SimulateCustomPolicy",
        "PolicyInputList.member.1": json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
        "ActionNames.member.1": "ec2:StopInstances",
        "ResourceArns.member.1": "arn:aws:ec2:us-east-1:0:instance/*",
        "ResourceArns.member.2": "arn:aws:ec2:us-east-1:0:volume/*",
    }
    tag = {
        "ContextEntries.member.1.ContextKeyName": "aws:ResourceTag/owner",
        "ContextEntries.member.1.ContextKeyType": "string",
        "ContextEntries.member.1.ContextKeyValues.member.1": "mgn",
    }
    form = {"content-type": "application/x-www-form-urlencoded"}
    decisions = [
        re.findall(
            b"<EvalDecision>(.*?)</EvalDecision>",
            asyncio.run(app.SERVICE_HANDLERS["iam"]("POST", "/", form, urlencode(sent).encode(), {}))[2],
        )
        for sent in (asked, {**asked, **tag})
    ]
    assert decisions == [[b"implicitDeny"] * 2, [b"allowed", b"implicitDeny"]]


def test_events_of_aws_itself_can_be_put(registry: Registry) -> None:
    put = registry.get_function("eventbridge", "_put_events")
    assert "allow_aws_source" in inspect.signature(put).parameters


def test_a_replaced_ref_is_returned_and_accepted(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def update(identifier: str, *_: Any) -> tuple[str, dict[str, str]]:
        calls.append(identifier)
        return identifier, {"Arn": f"arn:{identifier}"}

    handlers_of_ministack = {
        "create": lambda *_: ("name", {"Arn": "arn:name"}),
        "update": update,
        "delete": lambda identifier, *_: calls.append(identifier),
    }
    monkeypatch.setitem(provisioners._RESOURCE_HANDLERS, "AWS::Test::Named", handlers_of_ministack)
    registry.show_as("AWS::Test::Named", lambda _, attributes: str(attributes["Arn"]))
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Test::Named"]
    assert handlers["create"]("Logical", {}, "Stack")[0] == "arn:name"
    assert handlers["update"]("arn:name", {}, {}, "Stack", "Logical")[0] == "arn:name"
    handlers["delete"]("arn:name", {})
    assert calls == ["name", "name"]


def test_an_unchanged_resource_of_a_nested_stack_keeps_its_attributes(registry: Registry) -> None:
    """The call is that of ministack's update of a nested stack: without the previous attributes of the resource."""
    registry.register_type("Test::Kept::Thing", create=lambda *_: ("thing-1", {"Color": "red"}), delete=lambda *_: None)
    assert provisioners._update_resource("Test::Kept::Thing", "thing-1", {}, {}, "Child", "Logical")[1] == {}

    registry.keep_nested_attributes()
    provisioners._provision_resource("Test::Kept::Thing", "Logical", {}, "Child")

    kept = provisioners._update_resource("Test::Kept::Thing", "thing-1", {}, {}, "Child", "Logical")
    assert kept == ("thing-1", {"Color": "red"})


def test_the_update_of_a_nested_stack_calls_the_replaced_functions() -> None:
    source = inspect.getsource(provisioners)
    assert "physical_id, attrs = _update_resource(" in source
    assert "physical_id, attrs = _provision_resource(" in source
