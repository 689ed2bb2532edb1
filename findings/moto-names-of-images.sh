#!/usr/bin/env bash
# Guess: moto refuses a second image of the same name (EC2: InvalidAMIName.Duplicate), and a new image is first `pending`.
# Behaviour: both images are made, and both are `available` in the moment in which they are ordered.
# Why it matters to us: whether a repeated order of an image is harmless, and whether a procedure waits, cannot be seen there.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check 'moto[ec2]==5.2.5' boto3==1.44.8
"$work/venv/bin/python" - <<'PY' || { echo "the behaviour has changed"; exit 1; }
import os, sys
os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
import boto3, moto
print("moto", moto.__version__)
with moto.mock_aws():
    ec2 = boto3.client("ec2")
    base = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    instance = ec2.run_instances(ImageId=base, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    made = [ec2.create_image(InstanceId=instance, Name="site-of-one-run")["ImageId"] for _ in range(2)]
    states = [image["State"] for image in ec2.describe_images(ImageIds=made)["Images"]]
    print("images of one name:", len(set(made)), "states:", states)
sys.exit(len(set(made)) != 2 or states != ["available"] * 2)
PY
