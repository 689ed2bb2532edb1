#!/usr/bin/env bash
# Guess: moto refuses, as Route 53 does (InvalidChangeBatch), a CNAME beside another record of the same name and a simple record beside one with a SetIdentifier.
# Behaviour: it accepts both, although it does refuse a name outside the zone.
# Why it matters to us: a switch of names that passes against moto can fail after the commit; our local AWS enforces these rules itself.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check 'moto[route53]==5.2.5' boto3==1.44.8
"$work/venv/bin/python" - <<'PY' || { echo "the behaviour has changed"; exit 1; }
import os, sys
os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
import boto3, moto
from botocore.exceptions import ClientError
def change(zone, record):
    try:
        return route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]})["ChangeInfo"]["Status"]
    except ClientError as error:
        return error.response["Error"]["Code"]
print("moto", moto.__version__)
with moto.mock_aws():
    route53 = boto3.client("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    plain = {"Name": "git.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    change(zone, plain)
    seen = (
        change(zone, {**plain, "Type": "CNAME", "ResourceRecords": [{"Value": "old.example.com"}]}),
        change(zone, {**plain, "SetIdentifier": "one", "Weight": 1}),
        change(zone, {**plain, "Name": "git.example.org"}),
    )
print("CNAME beside A: %s; weighted beside simple: %s; outside the zone: %s" % seen)
sys.exit(seen != ("INSYNC", "INSYNC", "InvalidChangeBatch"))
PY
