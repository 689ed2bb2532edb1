"""The behaviour of ministack's own services that the product needs. No machine starts here."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from requests import Request, Session

from rehearsal.aws.clients import Clients
from rehearsal.aws.environment import locate_scratch
from rehearsal.settings import REGION, Settings
from tests.rehearsal.aws.site.deployed import wait_for
from tests.roles import policy, role_for, statement

pytestmark = pytest.mark.rehearsal
CODE = """
import json, os, urllib.request

def handle(event, _):
    print("asked", json.dumps(event))
    if event.get("fail"):
        raise ValueError("as ordered")
    return {"endpoint": os.environ["AWS_ENDPOINT_URL"], "said": event.get("say")}
"""


@pytest.fixture(scope="module")
def api(settings: Settings) -> Clients:
    return Clients(settings)


@pytest.fixture(scope="module")
def role(api: Clients) -> str:
    """Create a role without permissions, for functions and state machines."""
    return role_for(api, "any", "lambda.amazonaws.com", "states.amazonaws.com")


@pytest.fixture(scope="module")
def function(api: Clients, role: str) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", CODE)
    return str(
        api("lambda").create_function(
            FunctionName="asked",
            Runtime="python3.12",
            Role=role,
            Handler="index.handle",
            Code={"ZipFile": packed.getvalue()},
        )["FunctionArn"]
    )


def test_a_function_has_the_endpoint_of_the_local_aws_and_writes_logs(
    api: Clients, settings: Settings, function: str
) -> None:
    response = api("lambda").invoke(FunctionName=function, Payload=json.dumps({"say": "here"}))
    assert json.load(response["Payload"]) == {"endpoint": settings.aws_url, "said": "here"}
    assert list(locate_scratch(settings).glob("ministack-lambda-asked-*")), (
        "the code is in a folder of the world, which `down` removes"
    )

    def logged() -> bool:
        events = api("logs").filter_log_events(logGroupName="/aws/lambda/asked")["events"]
        return any('asked {"say": "here"}' in event["message"] for event in events)

    wait_for(logged)


@pytest.mark.parametrize(("order", "status"), [({"say": "on"}, "SUCCEEDED"), ({"fail": True}, "FAILED")])
def test_a_state_machine_retries_catches_and_ends_as_defined(
    api: Clients, role: str, function: str, order: dict[str, Any], status: str
) -> None:
    states = {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": function, "Payload.$": "$"},
            "Retry": [{"ErrorEquals": ["ValueError"], "IntervalSeconds": 1, "MaxAttempts": 1}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Failed"}],
            "Next": "Pause",
        },
        "Pause": {"Type": "Wait", "Seconds": 1, "Next": "Choose"},
        "Choose": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.Payload.said", "StringEquals": "on", "Next": "Done"}],
            "Default": "Failed",
        },
        "Done": {"Type": "Succeed"},
        "Failed": {"Type": "Fail", "Error": "StepFailed", "Cause": "it was requested"},
    }
    machine = api("stepfunctions").create_state_machine(
        name=f"machine-{status}", roleArn=role, definition=json.dumps({"StartAt": "Ask", "States": states})
    )["stateMachineArn"]
    run = api("stepfunctions").start_execution(stateMachineArn=machine, input=json.dumps(order))["executionArn"]
    wait_for(lambda: api("stepfunctions").describe_execution(executionArn=run)["status"] != "RUNNING")
    ended = api("stepfunctions").describe_execution(executionArn=run)
    assert ended["status"] == status
    assert ended.get("cause") == ("it was requested" if status == "FAILED" else None)


def test_a_queue_supports_long_polling(api: Clients) -> None:
    queue = api("sqs").create_queue(QueueName="long")["QueueUrl"]
    began = time.monotonic()
    assert "Messages" not in api("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=2)
    assert time.monotonic() - began >= 1.9
    api("sqs").send_message(QueueUrl=queue, MessageBody="there")
    received = api("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert [message["Body"] for message in received] == ["there"]


def test_a_topic_delivers_to_a_queue_whose_policy_allows_it(api: Clients) -> None:
    topic = api("sns").create_topic(Name="news")["TopicArn"]
    queue = api("sqs").create_queue(QueueName="readers")["QueueUrl"]
    arn = api("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    api("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    api("sns").publish(TopicArn=topic, Message="no policy allows it")
    admitted = statement("sqs:SendMessage", arn, Principal={"Service": "sns.amazonaws.com"})
    api("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy(admitted))})
    api("sns").publish(TopicArn=topic, Message="moved")
    found = api("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert [json.loads(message["Body"])["Message"] for message in found] == ["moved"]


def test_only_one_of_two_conditional_writes_succeeds(api: Clients) -> None:
    table = api("dynamodb")
    table.create_table(
        TableName="runs",
        KeySchema=[{"AttributeName": "site", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "site", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    def decide(what: str) -> None:
        table.update_item(
            TableName="runs",
            Key={"site": {"S": "gogs"}},
            UpdateExpression="SET decision = :d",
            ConditionExpression="attribute_not_exists(decision)",
            ExpressionAttributeValues={":d": {"S": what}},
        )

    decide("commit")
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        decide("thaw")
    kept = table.get_item(TableName="runs", Key={"site": {"S": "gogs"}}, ConsistentRead=True)["Item"]
    assert kept["decision"] == {"S": "commit"}


def test_a_versioned_bucket_keeps_overwritten_versions(api: Clients) -> None:
    s3 = api("s3")
    s3.create_bucket(Bucket="evidence")
    s3.put_bucket_versioning(Bucket="evidence", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="evidence", Key="a", Body=b"1")["VersionId"]
    s3.put_object(Bucket="evidence", Key="a", Body=b"2")
    assert s3.get_object(Bucket="evidence", Key="a")["Body"].read() == b"2"
    assert s3.get_object(Bucket="evidence", Key="a", VersionId=first)["Body"].read() == b"1"


def test_metric_data_can_be_read(api: Clients) -> None:
    moment = datetime.now(UTC).replace(second=0, microsecond=0)
    named = [{"Name": "Site", "Value": "gogs"}]
    api("cloudwatch").put_metric_data(
        Namespace="Test",
        MetricData=[{"MetricName": "Lag", "Dimensions": named, "Timestamp": moment, "Value": 7.0, "Unit": "Seconds"}],
    )
    metric = {"Namespace": "Test", "MetricName": "Lag", "Dimensions": named}
    found = api("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "lag", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Maximum"}}],
        StartTime=moment - timedelta(minutes=5),
        EndTime=moment + timedelta(minutes=5),
    )["MetricDataResults"][0]
    assert found["Values"] == [7.0]


def test_a_record_is_upserted_as_an_alias(api: Clients) -> None:
    route53 = api("route53")
    zone = route53.create_hosted_zone(Name="moved.example", CallerReference="moved")["HostedZone"]["Id"]
    alias = {
        "DNSName": "x.us-east-1.elb.amazonaws.com.",
        "HostedZoneId": "Z35SXDOTRQ7X7K",
        "EvaluateTargetHealth": True,
    }
    old = {"Name": "git.moved.example.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "203.0.113.9"}]}
    new = {"Name": "git.moved.example.", "Type": "A", "AliasTarget": alias}
    for record in (old, new):
        change = {"Action": "UPSERT", "ResourceRecordSet": record}
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})
    found = route53.list_resource_record_sets(
        HostedZoneId=zone, StartRecordName="git.moved.example.", StartRecordType="A", MaxItems="1"
    )["ResourceRecordSets"]
    assert found == [new]


def test_the_stock_image_has_its_public_parameter(api: Clients) -> None:
    name = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
    image = api("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    assert api("ec2").describe_images(ImageIds=[image])["Images"][0]["State"] == "available"


REFUSED: list[tuple[str, Callable[[Any], object]]] = [
    ("ec2", lambda c: c.create_fleet(TargetCapacitySpecification={"TotalTargetCapacity": 1}, LaunchTemplateConfigs=[])),
    ("ec2", lambda c: c.describe_instances(Filters=[{"Name": "hibernation-options.configured", "Values": ["true"]}])),
    ("ssm", lambda c: c.start_automation_execution(DocumentName="AWS-RestartEC2Instance")),
    ("ssm", lambda c: c.send_command(DocumentName="AWS-ApplyAnsiblePlaybooks", InstanceIds=["i-0123456789abcdef0"])),
    ("rds", lambda c: c.create_db_instance_read_replica(DBInstanceIdentifier="a", SourceDBInstanceIdentifier="b")),
    ("autoscaling", lambda c: c.start_instance_refresh(AutoScalingGroupName="a")),
]


@pytest.mark.parametrize(("service", "operation"), REFUSED)
def test_an_operation_that_is_not_emulated_is_refused(
    api: Clients, service: str, operation: Callable[[Any], object]
) -> None:
    with pytest.raises(ClientError, match="is not emulated by the rehearsal"):
        operation(api(service))


SIGNED = [
    "ec2",
    "ssm",
    "rds",
    "sqs",
    "sns",
    "secretsmanager",
    "dynamodb",
    "states",
    "logs",
    "monitoring",
    "kms",
    "iam",
    "sts",
]
TARGETS = {"ssm": "AmazonSSM", "secretsmanager": "secretsmanager", "dynamodb": "DynamoDB_20120810"} | {
    "states": "AWSStepFunctions",
    "logs": "Logs_20140328",
    "kms": "TrentService",
    "sqs": "AmazonSQS",
}


@pytest.mark.parametrize("scope", SIGNED)
def test_an_unknown_action_is_an_error(settings: Settings, scope: str) -> None:
    headers, body = {"Content-Type": "application/x-www-form-urlencoded"}, "Action=DoWonders&Version=2010-01-01"
    if target := TARGETS.get(scope):
        headers, body = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"{target}.DoWonders"}, "{}"
    request = AWSRequest("POST", settings.aws_url, data=body, headers=headers)
    SigV4Auth(Credentials("test", "test"), scope, REGION).add_auth(request)
    with Session() as session:
        response = session.send(Request("POST", settings.aws_url, data=body, headers=dict(request.headers)).prepare())
    assert response.status_code >= 400
    assert b"DoWonders" in response.content
