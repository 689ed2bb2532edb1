"""What botocore sends is understood, and what the rehearsal answers is what botocore expects."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from rehearsal.aws import wire
from rehearsal.aws.exceptions import ApiError

REQUESTS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    (
        "ec2",
        "RunInstances",
        {
            "ImageId": "ami-1",
            "MinCount": 1,
            "MaxCount": 2,
            "SecurityGroupIds": ["sg-1", "sg-2"],
            "EbsOptimized": True,
            "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": ""}]}],
            "NetworkInterfaces": [{"DeviceIndex": 0, "Groups": ["sg-1"]}],
        },
        {
            "image_id": "ami-1",
            "min_count": 1,
            "max_count": 2,
            "security_group_ids": ["sg-1", "sg-2"],
            "ebs_optimized": True,
            "tag_specifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": ""}]}],
            "network_interfaces": [{"DeviceIndex": 0, "Groups": ["sg-1"]}],
        },
    ),
    (
        "elbv2",
        "RegisterTargets",
        {"TargetGroupArn": "arn", "Targets": [{"Id": "i-1", "Port": 80}, {"Id": "i-2"}]},
        {"target_group_arn": "arn", "targets": [{"Id": "i-1", "Port": 80}, {"Id": "i-2"}]},
    ),
    (
        "rds",
        "DescribeDBInstances",
        {"Filters": [{"Name": "engine", "Values": ["mysql"]}]},
        {"filters": [{"Name": "engine", "Values": ["mysql"]}]},
    ),
    (
        "ssm",
        "SendCommand",
        {"DocumentName": "AWS-RunShellScript", "Parameters": {"commands": ["id"]}},
        {"document_name": "AWS-RunShellScript", "parameters": {"commands": ["id"]}},
    ),
]


def sent(name: str, action: str, parameters: dict[str, Any]) -> bytes:
    """The body that a client of boto3 sends."""
    service = wire.service(name)
    body = create_serializer(service.protocol).serialize_to_request(parameters, service.operation(action))["body"]
    return urlencode(body).encode() if isinstance(body, dict) else bytes(body)


def received(name: str, action: str, answer: wire.Response) -> dict[str, Any]:
    """What a client of boto3 makes of an answer."""
    service = wire.service(name)
    response = {"status_code": answer[0], "headers": answer[1], "body": answer[2]}
    shape = service.operation(action).output_shape
    assert shape is not None
    parsed: dict[str, Any] = create_parser(service.protocol).parse(response, shape)
    parsed.pop("ResponseMetadata")
    return parsed


@pytest.mark.parametrize(("name", "action", "parameters", "arguments"), REQUESTS)
def test_a_request_becomes_keyword_arguments(
    name: str, action: str, parameters: dict[str, Any], arguments: dict[str, Any]
) -> None:
    assert wire.parse(wire.service(name), action, sent(name, action, parameters), {}) == arguments


def test_a_field_that_the_service_does_not_have_is_refused() -> None:
    with pytest.raises(ApiError, match="unknown parameter Colour"):
        wire.parse(wire.service("ec2"), "DescribeVpcs", b"Action=DescribeVpcs&Version=1&Colour=red", {})


MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ANSWERS: list[tuple[str, str, dict[str, Any]]] = [
    ("ec2", "CreateImage", {"ImageId": "ami-1"}),
    (
        "ec2",
        "DescribeInstances",
        {"Reservations": [{"Instances": [{"InstanceId": "i-1", "LaunchTime": MOMENT, "EbsOptimized": False}]}]},
    ),
    (
        "elbv2",
        "DescribeTargetHealth",
        {"TargetHealthDescriptions": [{"Target": {"Id": "i-1", "Port": 80}, "TargetHealth": {"State": "healthy"}}]},
    ),
    ("rds", "DescribeDBInstances", {"DBInstances": [{"DBInstanceIdentifier": "a<b", "MultiAZ": True}]}),
    ("ssm", "CancelCommand", {}),
    ("ssm", "DescribeInstanceInformation", {"InstanceInformationList": [{"LastPingDateTime": MOMENT}]}),
]


@pytest.mark.parametrize(("name", "action", "values"), ANSWERS)
def test_an_answer_arrives_as_it_was_given(name: str, action: str, values: dict[str, Any]) -> None:
    assert received(name, action, wire.success(wire.service(name), action, values)) == values


@pytest.mark.parametrize(
    "values", [{"Instances": []}, {"Reservations": {}}, {"Reservations": [{"OwnerId": 1}]}, {"NextToken": False}]
)
def test_an_answer_that_aws_would_not_give_is_a_mistake(values: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        wire.success(wire.service("ec2"), "DescribeInstances", values)


@pytest.mark.parametrize(
    ("name", "action"), [("ec2", "RunInstances"), ("rds", "DescribeDBInstances"), ("ssm", "SendCommand")]
)
def test_an_error_arrives_with_code_and_message(name: str, action: str) -> None:
    answer = wire.failure(wire.service(name), ApiError("Some.Code", "why & how"))
    assert answer[0] == 400
    assert received(name, action, answer)["Error"]["Code"] == "Some.Code"
    assert received(name, action, answer)["Error"]["Message"] == "why & how"


REST_REQUESTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "DescribeJobs",
        {"filters": {"jobIDs": ["mgnjob-0123456789abcdefg"]}, "maxResults": 5},
        {"filters": {"jobIDs": ["mgnjob-0123456789abcdefg"]}, "max_results": 5},
    ),
    ("InitializeService", {}, {}),
    (
        "UntagResource",
        {"resourceArn": "arn:aws:mgn:us-east-1:000000000000:source-server/s-1", "tagKeys": ["a", "b"]},
        {"resource_arn": "arn:aws:mgn:us-east-1:000000000000:source-server/s-1", "tag_keys": ["a", "b"]},
    ),
]


@pytest.mark.parametrize(("action", "parameters", "arguments"), REST_REQUESTS)
def test_a_rest_request_becomes_keyword_arguments(
    action: str, parameters: dict[str, Any], arguments: dict[str, Any]
) -> None:
    service = wire.service("mgn")
    made = create_serializer("rest-json").serialize_to_request(parameters, service.operation(action))
    # A server decodes the path, and the ARN's slash with it.
    request = wire.Sent(made["method"], unquote(made["url_path"]), {}, bytes(made["body"] or b""), made["query_string"])
    assert wire.name_of(service, request) == action
    assert wire.arguments_of(service, action, request) == arguments


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[]", "must be a JSON object"),
        (b"{", "must be a JSON object"),
        (b'{"colour": "red"}', "unknown parameter colour"),
        (b'{"maxResults": "many"}', "is no integer"),
    ],
)
def test_a_rest_request_that_cannot_be_read_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(ApiError, match=reason):
        wire.arguments_of(wire.service("mgn"), "DescribeJobs", wire.Sent("POST", "/DescribeJobs", {}, body, {}))


def test_a_member_that_belongs_in_the_path_is_refused_in_the_body() -> None:
    request = wire.Sent("POST", "/tags/arn", {}, b'{"resourceArn": "other", "tags": {}}', {})
    with pytest.raises(ApiError, match="resourceArn does not belong in the body"):
        wire.arguments_of(wire.service("mgn"), "TagResource", request)


def test_a_rest_response_has_the_status_of_its_operation() -> None:
    service = wire.service("mgn")
    assert wire.success(service, "InitializeService", None) == (204, {"Content-Type": "application/json"}, b"")
    assert wire.success(service, "StartTest", {"job": {"jobID": "mgnjob-1"}})[0] == 202
    with pytest.raises(TypeError, match="has no colour"):
        wire.success(service, "StartTest", {"colour": "red"})


def test_an_error_of_rest_json_has_its_members_and_headers() -> None:
    error = ApiError("ThrottlingException", "slow", 429, members={"quotaCode": "L-1"}, headers={"Retry-After": "2"})
    status, headers, body = wire.failure(wire.service("mgn"), error)
    assert (status, headers["x-amzn-errortype"], headers["Retry-After"]) == (429, "ThrottlingException", "2")
    assert json.loads(body) == {"__type": "ThrottlingException", "message": "slow", "quotaCode": "L-1"}
