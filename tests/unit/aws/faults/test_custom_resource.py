"""The rehearsal's CloudFormation with CDK's real Provider framework, over functions with prepared responses."""

from __future__ import annotations

import json
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from aws_cdk import App, CfnOutput, CustomResource, DefaultStackSynthesizer, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import custom_resources as cr

from rehearsal.aws.clients import Clients
from rehearsal.aws.faults import client
from rehearsal.errors import RehearsalError
from rehearsal.job import custom_resource
from rehearsal.settings import ACCOUNT, REGION, Settings

STACK = "Framework"
CODE = """
import os, time
def on_event(event, _context):
    wanted = event["ResourceProperties"]["CutoverId"]
    if wanted.startswith("broken"):
        raise RuntimeError("no capacity")
    return {"PhysicalResourceId": event.get("PhysicalResourceId") or "run-" + wanted}

def is_complete(event, _context):
    properties = event["ResourceProperties"]
    return {"IsComplete": True, "Data": {"Id": properties["CutoverId"], "Topic": properties["Topic"]}}
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a synthesized stack with a Provider and its assets."""
    app = App(outdir=str(tmp_path_factory.mktemp("cdk")))
    stack = Stack(app, STACK, synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False))
    on_event, is_complete = (
        lambda_.Function(
            stack,
            name,
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler=f"index.{handler}",
            code=lambda_.Code.from_inline(CODE),
        )
        for name, handler in (("OnEvent", "on_event"), ("IsComplete", "is_complete"))
    )
    provider = cr.Provider(
        stack,
        "Provider",
        on_event_handler=on_event,
        is_complete_handler=is_complete,
        query_interval=Duration.seconds(1),
    )
    resource = CustomResource(
        stack,
        "Resource",
        service_token=provider.service_token,
        resource_type="Custom::Cutover",
        properties={"CutoverId": "x1", "Topic": on_event.function_arn},
    )
    CfnOutput(stack, "Id", value=resource.get_att_string("Id"))
    return Path(app.synth().directory)


@pytest.fixture(scope="module")
def resource(settings: Settings, aws: Clients, template: Path) -> custom_resource.CustomResource:
    bucket = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
    aws("s3").create_bucket(Bucket=bucket)
    for key, asset in json.loads((template / f"{STACK}.assets.json").read_text())["files"].items():
        if asset["source"]["packaging"] == "zip":
            aws("s3").put_object(
                Bucket=bucket, Key=f"{key}.zip", Body=create_archive(template / asset["source"]["path"])
            )
    text = (template / f"{STACK}.template.json").read_text()
    text = text.replace("${AWS::AccountId}", ACCOUNT).replace("${AWS::Region}", REGION)
    aws("cloudformation").create_stack(StackName=STACK, TemplateBody=text, Capabilities=["CAPABILITY_IAM"])
    deadline = time.monotonic() + 120
    while (found := aws("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0])["StackStatus"].endswith(
        "_IN_PROGRESS"
    ):
        assert time.monotonic() < deadline, "the stack is not created"
        time.sleep(0.2)
    assert found["StackStatus"] == "CREATE_COMPLETE"
    return custom_resource.CustomResource.of(settings, stack=STACK, kind="Custom::Cutover")


def create_archive(folder: Path) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in folder.rglob("*"):
            archive.write(path, str(path.relative_to(folder)))
    return buffer.getvalue()


def test_the_custom_resource_of_a_stack_is_found_with_its_properties(
    aws: Clients, resource: custom_resource.CustomResource
) -> None:
    assert resource.physical_id == "run-x1"
    assert aws("lambda").get_function(FunctionName=resource.properties["Topic"])  # the reference is resolved
    assert resource.logical_id == "Resource"


def test_another_resource_is_created_updated_and_deleted(resource: custom_resource.CustomResource) -> None:
    response = resource.create(CutoverId="x2").wait(30)

    assert (response.status, response.physical_id, response.data["Id"]) == ("SUCCESS", "run-x2", "x2")
    assert resource.delete(response.physical_id).wait(30).status == "SUCCESS"
    assert resource.update(CutoverId="x3").wait(30).physical_id == "run-x1"


def test_a_failed_creation_has_its_reason(resource: custom_resource.CustomResource) -> None:
    response = resource.create(CutoverId="broken").wait(30)

    assert response.status == "FAILED"
    assert "no capacity" in response.reason


def match_create(cutover_id: str) -> dict[str, str]:
    return {"RequestType": "Create", "ResourceProperties.CutoverId": cutover_id}


def test_an_event_can_be_sent_twice(settings: Settings, resource: custom_resource.CustomResource) -> None:
    with client.inject_fault(
        settings, "function-hold", function=f"{STACK}-OnEvent*", fields=match_create("x4"), nth=2
    ) as second:
        pending = resource.create(CutoverId="x4")
        assert pending.wait(30).status == "SUCCESS"

        pending.send_again()

        second.wait(20)


def test_a_deletion_can_end_while_the_creation_runs(
    settings: Settings, resource: custom_resource.CustomResource
) -> None:
    with client.inject_fault(
        settings, "function-hold", function=f"{STACK}-IsComplete*", fields=match_create("x5"), seconds=60
    ) as hold:
        creation = resource.create(CutoverId="x5")
        hold.wait(20)

        assert resource.delete("run-x5").wait(30).status == "SUCCESS"
        with pytest.raises(RehearsalError, match="got no response within"):
            creation.wait(0)

    assert creation.wait(30).status == "SUCCESS"


def test_a_wait_after_the_listener_stopped_is_an_error(resource: custom_resource.CustomResource) -> None:
    pending = resource.create(CutoverId="x6")
    pending.stop_listening()

    with pytest.raises(RehearsalError, match="Nothing waits"):
        pending.wait(0)


def test_the_framework_is_invoked_again_after_a_crash(
    settings: Settings, resource: custom_resource.CustomResource
) -> None:
    crash = client.inject_fault(settings, "function-crash", function="*framework*", fields=match_create("x7"))

    assert resource.create(CutoverId="x7").wait(60).status == "SUCCESS"
    assert crash.read_state()["hits"] == 1


def test_a_resource_or_stack_that_does_not_exist_is_an_error(settings: Settings) -> None:
    with pytest.raises(RehearsalError, match="has 0 resources of type Custom::Other"):
        custom_resource.CustomResource.of(settings, stack=STACK, kind="Custom::Other")
    with pytest.raises(RehearsalError, match="there is no stack Nothing"):
        custom_resource.CustomResource.of(settings, stack="Nothing", kind="Custom::Cutover")
