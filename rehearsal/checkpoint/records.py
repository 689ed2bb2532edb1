"""Save and restore records that only the API has: run record, parameters, names, security group rules, evidence. Queues are emptied."""

from __future__ import annotations

import base64
from typing import Any

from rehearsal.checkpoint import rules
from rehearsal.checkpoint.context import CheckpointContext, Json

PARAMETERS = "/cutover"
ASSETS = "cdk-"
"""Buckets of the CDK: what is deployed, and no state."""


def save(context: CheckpointContext) -> Json:
    """Return all records by kind."""
    return {
        "items": _read_items(context.make_client("dynamodb")),
        "parameters": _read_parameters(context.make_client("ssm")),
        "names": _read_names(context.make_client("route53")),
        "rules": rules.save(context.make_client("ec2")),
        "objects": _read_objects(context.make_client("s3")),
    }


def restore(context: CheckpointContext, saved: Json) -> None:
    """Restore all records, and empty every queue."""
    _restore_items(context.make_client("dynamodb"), saved["items"])
    _restore_parameters(context.make_client("ssm"), saved["parameters"])
    _restore_names(context.make_client("route53"), saved["names"])
    rules.restore(context.make_client("ec2"), saved["rules"])
    _restore_objects(context.make_client("s3"), saved["objects"])
    sqs = context.make_client("sqs")
    for url in sqs.list_queues().get("QueueUrls", []):
        sqs.purge_queue(QueueUrl=url)


def _read_items(client: Any) -> Json:
    names = [name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]]
    return {
        name: [item for page in client.get_paginator("scan").paginate(TableName=name) for item in page["Items"]]
        for name in names
    }


def _restore_items(client: Any, saved: Json) -> None:
    for table, now in _read_items(client).items():
        keys = [one["AttributeName"] for one in client.describe_table(TableName=table)["Table"]["KeySchema"]]
        for item in now:
            if item not in saved.get(table, []):
                client.delete_item(TableName=table, Key={key: item[key] for key in keys})
        for item in saved.get(table, []):
            if item not in now:
                client.put_item(TableName=table, Item=item)


def _read_parameters(client: Any) -> Json:
    pages = client.get_paginator("get_parameters_by_path").paginate(
        Path=PARAMETERS, Recursive=True, WithDecryption=True
    )
    return {one["Name"]: {"Value": one["Value"], "Type": one["Type"]} for page in pages for one in page["Parameters"]}


def _restore_parameters(client: Any, saved: Json) -> None:
    now = _read_parameters(client)
    for name in now.keys() - saved.keys():
        client.delete_parameter(Name=name)
    for name, parameter in saved.items():
        if now.get(name) != parameter:
            client.put_parameter(Name=name, Overwrite=True, **parameter)


def _read_names(client: Any) -> Json:
    found = {}
    for zone in client.list_hosted_zones()["HostedZones"]:
        pages = client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone["Id"])
        found[zone["Id"]] = [one for page in pages for one in page["ResourceRecordSets"]]
    return found


def _restore_names(client: Any, saved: Json) -> None:
    for zone, now in _read_names(client).items():
        if zone not in saved:
            continue
        before: list[Json] = saved[zone]
        changes = [
            *({"Action": "DELETE", "ResourceRecordSet": one} for one in now if one not in before),
            *({"Action": "CREATE", "ResourceRecordSet": one} for one in before if one not in now),
        ]
        if changes:
            client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})


def _read_objects(client: Any) -> Json:
    names = [one["Name"] for one in client.list_buckets()["Buckets"] if not one["Name"].startswith(ASSETS)]
    return {
        name: {
            one["Key"]: base64.b64encode(client.get_object(Bucket=name, Key=one["Key"])["Body"].read()).decode()
            for page in client.get_paginator("list_objects_v2").paginate(Bucket=name)
            for one in page.get("Contents", [])
        }
        for name in names
    }


def _restore_objects(client: Any, saved: Json) -> None:
    for bucket, now in _read_objects(client).items():
        before = saved.get(bucket, {})
        for key in now.keys() - before.keys():
            client.delete_object(Bucket=bucket, Key=key)
        for key, body in before.items():
            if now.get(key) != body:
                client.put_object(Bucket=bucket, Key=key, Body=base64.b64decode(body), ContentType="application/json")
