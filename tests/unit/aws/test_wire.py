"""The rehearsal parses the requests of botocore, and botocore parses the responses of the rehearsal."""

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


def serialize_request(name: str, action: str, parameters: dict[str, Any]) -> bytes:
    """Return the body of a request as botocore serializes it."""
    service = wire.load_service(name)
    body = create_serializer(service.protocol).serialize_to_request(parameters, service.get_operation(action))["body"]
    return urlencode(body).encode() if isinstance(body, dict) else bytes(body)


def parse_response(name: str, action: str, raw: wire.Response) -> dict[str, Any]:
    """Return a response as botocore parses it."""
    service = wire.load_service(name)
    response = {"status_code": raw[0], "headers": raw[1], "body": raw[2]}
    shape = service.get_operation(action).output_shape
    assert shape is not None
    parsed: dict[str, Any] = create_parser(service.protocol).parse(response, shape)
    parsed.pop("ResponseMetadata")
    return parsed


@pytest.mark.parametrize(("name", "action", "parameters", "arguments"), REQUESTS)
def test_a_request_becomes_keyword_arguments(
    name: str, action: str, parameters: dict[str, Any], arguments: dict[str, Any]
) -> None:
    assert wire.parse(wire.load_service(name), action, serialize_request(name, action, parameters), {}) == arguments


def test_an_unknown_field_is_rejected() -> None:
    with pytest.raises(ApiError, match="unknown parameter Colour"):
        wire.parse(wire.load_service("ec2"), "DescribeVpcs", b"Action=DescribeVpcs&Version=1&Colour=red", {})


MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RESPONSES: list[tuple[str, str, dict[str, Any]]] = [
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


@pytest.mark.parametrize(("name", "action", "values"), RESPONSES)
def test_a_response_is_parsed_to_the_same_values(name: str, action: str, values: dict[str, Any]) -> None:
    assert parse_response(name, action, wire.serialize_success(wire.load_service(name), action, values)) == values


@pytest.mark.parametrize(
    "values", [{"Instances": []}, {"Reservations": {}}, {"Reservations": [{"OwnerId": 1}]}, {"NextToken": False}]
)
def test_a_response_that_does_not_match_the_service_is_an_error(values: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        wire.serialize_success(wire.load_service("ec2"), "DescribeInstances", values)


@pytest.mark.parametrize(
    ("name", "action"), [("ec2", "RunInstances"), ("rds", "DescribeDBInstances"), ("ssm", "SendCommand")]
)
def test_an_error_is_parsed_with_code_and_message(name: str, action: str) -> None:
    response = wire.serialize_failure(wire.load_service(name), ApiError("Some.Code", "why & how"))
    assert response[0] == 400
    assert parse_response(name, action, response)["Error"]["Code"] == "Some.Code"
    assert parse_response(name, action, response)["Error"]["Message"] == "why & how"


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
    service = wire.load_service("mgn")
    made = create_serializer("rest-json").serialize_to_request(parameters, service.get_operation(action))
    # A server decodes the path, and the ARN's slash with it.
    request = wire.Sent(made["method"], unquote(made["url_path"]), {}, bytes(made["body"] or b""), made["query_string"])
    assert wire.find_operation_name(service, request) == action
    assert wire.parse_arguments(service, action, request) == arguments


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
        wire.parse_arguments(wire.load_service("mgn"), "DescribeJobs", wire.Sent("POST", "/DescribeJobs", {}, body, {}))


def test_a_member_that_belongs_in_the_path_is_refused_in_the_body() -> None:
    request = wire.Sent("POST", "/tags/arn", {}, b'{"resourceArn": "other", "tags": {}}', {})
    with pytest.raises(ApiError, match="resourceArn does not belong in the body"):
        wire.parse_arguments(wire.load_service("mgn"), "TagResource", request)


def test_a_rest_response_has_the_status_of_its_operation() -> None:
    service = wire.load_service("mgn")
    assert wire.serialize_success(service, "InitializeService", None) == (
        204,
        {"Content-Type": "application/json"},
        b"",
    )
    assert wire.serialize_success(service, "StartTest", {"job": {"jobID": "mgnjob-1"}})[0] == 202
    with pytest.raises(TypeError, match="has no colour"):
        wire.serialize_success(service, "StartTest", {"colour": "red"})


def test_an_error_of_rest_json_has_its_members_and_headers() -> None:
    error = ApiError("ThrottlingException", "slow", 429, members={"quotaCode": "L-1"}, headers={"Retry-After": "2"})
    status, headers, body = wire.serialize_failure(wire.load_service("mgn"), error)
    assert (status, headers["x-amzn-errortype"], headers["Retry-After"]) == (429, "ThrottlingException", "2")
    assert json.loads(body) == {"__type": "ThrottlingException", "message": "slow", "quotaCode": "L-1"}
