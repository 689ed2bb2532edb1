"""Where no secret may be, in AWS: all that an account keeps of a run and shows to whoever may read."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from rehearsal.job.secrecy.archives import unpack_texts
from rehearsal.job.secrecy.image_journal import read_image_journal
from rehearsal.job.secrecy.places import Item, Place, unpack
from rehearsal.job.secrecy.search import read_contents
from rehearsal.world import disks

Client = Callable[[str], Any]


def build_places(client: Client, pool: Path) -> dict[str, Place]:
    """Return the places by name. `client` makes a boto3 client; `pool` is the folder with the blocks of images and snapshots.

    A response without the requested list raises KeyError, because its content was not searched.
    """
    return {
        "CloudFormation": lambda: read_cloudformation(client("cloudformation")),
        "Lambda": lambda: read_functions(client("lambda")),
        "CloudWatch logs": lambda: read_logs(client("logs")),
        "Step Functions": lambda: read_step_functions(client("stepfunctions")),
        "user data": lambda: read_user_data(client("ec2")),
        "launch templates": lambda: launch_templates(client("ec2")),
        "SSM commands": lambda: read_commands(client("ssm")),
        "SSM parameters": lambda: read_parameters(client("ssm")),
        "DynamoDB": lambda: read_tables(client("dynamodb")),
        "S3": lambda: read_buckets(client("s3")),
        "images": lambda: read_images(client("ec2"), pool),
    }


def _list_pages(client: Any, action: str, member: str, **arguments: Any) -> Iterator[Any]:
    for page in client.get_paginator(action).paginate(**arguments):
        yield from page[member]


def _build_item(name: str, response: Any) -> Item:
    """Return it twice: as JSON, and with its texts as they are, so that no escape hides a value; then what is packed in them."""
    shown = json.dumps(response, default=str, ensure_ascii=False)
    texts = "\n".join(_list_texts(response))
    return Item(name, ["\n".join((shown, texts, *unpack_texts(texts))).encode(errors="replace")])


def _list_texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _list_texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _list_texts(one)
    elif isinstance(value, bytes):
        yield value.decode(errors="replace")
    elif value is not None:
        yield str(value)


def read_cloudformation(client: Any) -> Iterator[Item]:
    """Yield templates, parameters, outputs and events of all stacks, nested ones included."""
    for stack in _list_pages(client, "describe_stacks", "Stacks"):
        name = stack["StackName"]
        yield _build_item(f"{name} template", client.get_template(StackName=name)["TemplateBody"])
        yield _build_item(f"{name} parameters and outputs", stack)
        yield _build_item(
            f"{name} events", list(_list_pages(client, "describe_stack_events", "StackEvents", StackName=name))
        )


def read_functions(client: Any) -> Iterator[Item]:
    """Yield the configuration of each function, with its environment. Its code is an asset in S3."""
    for one in _list_pages(client, "list_functions", "Functions"):
        yield _build_item(one["FunctionName"], client.get_function_configuration(FunctionName=one["FunctionName"]))


def read_logs(client: Any) -> Iterator[Item]:
    """Yield the events of each log group."""
    for group in _list_pages(client, "describe_log_groups", "logGroups"):
        name = group["logGroupName"]
        yield _build_item(name, list(_list_pages(client, "filter_log_events", "events", logGroupName=name)))


def read_step_functions(client: Any) -> Iterator[Item]:
    """Yield each state machine and the history of its executions."""
    for machine in _list_pages(client, "list_state_machines", "stateMachines"):
        arn = machine["stateMachineArn"]
        yield _build_item(machine["name"], client.describe_state_machine(stateMachineArn=arn))
        for run in _list_pages(client, "list_executions", "executions", stateMachineArn=arn):
            description = client.describe_execution(executionArn=run["executionArn"])
            history = list(_list_pages(client, "get_execution_history", "events", executionArn=run["executionArn"]))
            yield _build_item(f"{machine['name']} {run['name']}", [description, history])


def read_user_data(client: Any) -> Iterator[Item]:
    """Yield the user data and the descriptions, with tags, of every instance that EC2 still lists, also of terminated ones."""
    for reservation in _list_pages(client, "describe_instances", "Reservations"):
        for instance in reservation["Instances"]:
            one = instance["InstanceId"]
            given = client.describe_instance_attribute(InstanceId=one, Attribute="userData")["UserData"]
            yield Item(one, [base64.b64decode(given.get("Value", ""))])
            yield _build_item(f"{one} description", instance)


def launch_templates(client: Any) -> Iterator[Item]:
    """Yield every version of each launch template."""
    for template in _list_pages(client, "describe_launch_templates", "LaunchTemplates"):
        name = template["LaunchTemplateName"]
        for version in _list_pages(
            client,
            "describe_launch_template_versions",
            "LaunchTemplateVersions",
            LaunchTemplateId=template["LaunchTemplateId"],
        ):
            given = base64.b64decode(version["LaunchTemplateData"].get("UserData", ""))
            yield _build_item(f"{name} {version['VersionNumber']}", [version, given])


def read_commands(client: Any) -> Iterator[Item]:
    """Yield what each command sent to machines, and their output."""
    for one in _list_pages(client, "list_commands", "Commands"):
        yield _build_item(one["CommandId"], one)
    for invocation in _list_pages(client, "list_command_invocations", "CommandInvocations", Details=True):
        description = client.get_command_invocation(
            CommandId=invocation["CommandId"], InstanceId=invocation["InstanceId"]
        )
        yield _build_item(f"{invocation['CommandId']} on {invocation['InstanceId']}", [invocation, description])


def read_parameters(client: Any) -> Iterator[Item]:
    """Yield each parameter."""
    for one in _list_pages(client, "get_parameters_by_path", "Parameters", Path="/", Recursive=True):
        yield _build_item(one["Name"], one)


def read_tables(client: Any) -> Iterator[Item]:
    """Yield the items of each table."""
    for name in _list_pages(client, "list_tables", "TableNames"):
        yield _build_item(name, list(_list_pages(client, "scan", "Items", TableName=name)))


def read_buckets(client: Any) -> Iterator[Item]:
    """Yield assets and evidence, each object in all its versions, because overwritten content stays readable."""
    for bucket in client.list_buckets()["Buckets"]:
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket["Name"]):
            for entry in page.get("Versions", []):  # S3 leaves out what is empty
                yield from _read_object(
                    client, bucket["Name"], entry["Key"], entry["VersionId"], latest=entry["IsLatest"]
                )


def _read_object(client: Any, bucket: str, key: str, version: str, *, latest: bool) -> Iterator[Item]:
    # In a bucket that keeps no versions an object's is called `null`, and is asked for without a name.
    which = {} if version == "null" and latest else {"VersionId": version}
    name = f"{bucket}/{key}" + ("" if latest else f" (version {version})")
    content = client.get_object(Bucket=bucket, Key=key, **which)["Body"].read()
    yield Item(name, [content, *(f"\n{text}".encode() for text in unpack_texts(content.decode(errors="replace")))])
    yield from unpack(name, content)


def read_images(
    client: Any, pool: Path, journal: Callable[[Path], Iterable[bytes]] = read_image_journal
) -> Iterator[Item]:
    """Yield the blocks of the account's own images and of the snapshots they are made of, and the images' journals, decompressed."""
    for image in client.describe_images(Owners=["self"])["Images"]:
        disk = pool / "images" / f"{image['ImageId']}.raw"
        yield Item(image["ImageId"], read_contents(disk))
        yield Item(f"{image['ImageId']} journal", journal(disk))
        for device in image["BlockDeviceMappings"]:
            snapshot = device["Ebs"]["SnapshotId"]
            kept = pool / "snapshots" / f"{snapshot}.raw"
            if _has_same_blocks(disk, kept):
                yield Item(f"{snapshot}: the blocks of {image['ImageId']}", [])
            else:
                yield Item(snapshot, read_contents(kept))


def _has_same_blocks(searched: Path, other: Path) -> bool:
    """Return whether the file system keeps both files in the same blocks, so that what is in one is in the other."""
    try:
        return not disks.list_changed_ranges(searched, other)
    except OSError:  # the file system does not show where its files are
        return False
