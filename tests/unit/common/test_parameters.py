"""The client of Parameter Store: which parameters a change of the servers' image writes, and in which order."""

from __future__ import annotations

import boto3
from botocore.stub import Stubber
from common.clients.parameters import Parameters


def test_the_image_is_written_after_its_root_device() -> None:
    """CloudFormation may read both at any time: the image never stands beside the root device of an older one."""
    ssm = boto3.client("ssm", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(ssm) as stub:
        for name, value in (("image-root-device", "/dev/xvda"), ("image", "ami-1")):
            expected = {"Name": f"/cutover/gogs/{name}", "Value": value, "Type": "String", "Overwrite": True}
            stub.add_response("put_parameter", {}, expected)
        Parameters(ssm, "gogs").set_image("ami-1", "/dev/xvda")
        stub.assert_no_pending_responses()
