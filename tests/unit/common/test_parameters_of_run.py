"""What the stacks publish is read once for a run, and again for the next run. The mode, which a run changes, is read each time."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber
from common.clients.parameters import ParametersOfRun
from common.errors import StepFailed

SSM = boto3.client("ssm", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


@pytest.fixture
def stub() -> Iterator[Stubber]:
    with Stubber(SSM) as stub:
        yield stub
        stub.assert_no_pending_responses()


def add_value(stub: Stubber, name: str, value: str) -> None:
    stub.add_response("get_parameter", {"Parameter": {"Value": value}}, {"Name": f"/cutover/gogs/{name}"})


def test_facts_are_read_once(stub: Stubber) -> None:
    add_value(stub, "target", json.dumps({"topic_arn": "arn:first"}))
    parameters = ParametersOfRun(SSM, "gogs")

    assert [parameters.read_target(given).topic_arn for given in ({}, {}, {"topic_arn": "arn:given"})] == [
        "arn:first",
        "arn:first",
        "arn:given",
    ]


def test_a_parameter_that_was_missing_is_read_again(stub: Stubber) -> None:
    stub.add_client_error("get_parameter", "ParameterNotFound")
    add_value(stub, "target", json.dumps({"topic_arn": "arn:first"}))
    parameters = ParametersOfRun(SSM, "gogs")

    with pytest.raises(StepFailed, match="does not exist"):
        parameters.read_target({})
    assert parameters.read_target({}).topic_arn == "arn:first"


def test_the_mode_is_read_each_time(stub: Stubber) -> None:
    for mode in ("scratch", "live"):
        add_value(stub, "mode", mode)
    parameters = ParametersOfRun(SSM, "gogs")

    assert [parameters.read_mode(), parameters.read_mode()] == ["scratch", "live"]
