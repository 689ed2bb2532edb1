"""Values in the responses of AWS are found behind escapes and encodings."""

import base64
import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from rehearsal.job.secrecy.aws_places import (
    read_buckets,
    read_commands,
    read_functions,
    read_images,
    read_logs,
    read_step_functions,
    read_user_data,
)

VALUE = 'pa"ss\\word'


class Pages:
    def __init__(self, response: dict[str, Any]) -> None:
        self._response = response

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [self._response]


class Client:
    """Return a prepared response for each action, paginated or not."""

    def __init__(self, **responses: dict[str, Any]) -> None:
        self._responses = responses

    def get_paginator(self, action: str) -> Pages:
        return Pages(self._responses[action])

    def __getattr__(self, action: str) -> Any:
        return lambda **_: self._responses[action]


def read_all(items: Any) -> dict[str, bytes]:
    return {item.name: b"".join(item.pieces) for item in items}


def test_a_text_within_json_is_searched_without_its_escapes() -> None:
    client = Client(
        list_state_machines={"stateMachines": [{"stateMachineArn": "arn", "name": "Cutover"}]},
        describe_state_machine={"definition": "{}"},
        list_executions={"executions": [{"executionArn": "run", "name": "run"}]},
        describe_execution={"input": f'{{"password": {VALUE}}}'},
        get_execution_history={"events": [{"details": {"output": VALUE}}]},
    )
    found = read_all(read_step_functions(client))
    assert found.keys() == {"Cutover", "Cutover run"}
    assert found["Cutover run"].count(VALUE.encode()) == 2


def pack(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def create_ssm_client(output: str) -> Client:
    return Client(
        list_commands={"Commands": [{"CommandId": "c-1"}]},
        list_command_invocations={"CommandInvocations": [{"CommandId": "c-1", "InstanceId": "i-1"}]},
        get_command_invocation={"StandardOutputContent": output},
    )


@pytest.mark.parametrize("length", range(4))
def test_compressed_output_of_a_machine_is_decompressed_at_any_depth(length: int) -> None:
    logs = json.dumps({"ok": True, "logs": pack(f"password={VALUE}" + "." * length)})
    output = f'the journal\n{{"ok": true, "packed": "{pack(logs)}"}}\n'
    assert VALUE.encode() in read_all(read_commands(create_ssm_client(output)))["c-1 on i-1"]


def test_truncated_compressed_output_is_decompressed_up_to_its_end() -> None:
    packed = pack(VALUE + "".join(str(number * 7919) for number in range(9_000)))
    for end in range(len(packed) - 8, len(packed) - 4):
        assert VALUE.encode() in read_all(read_commands(create_ssm_client(packed[:end])))["c-1 on i-1"]


def test_text_that_resembles_compressed_output_is_not_changed() -> None:
    assert (
        b"eNotPackedAtAllButLongEnough"
        in read_all(read_commands(create_ssm_client("eNotPackedAtAllButLongEnough")))["c-1 on i-1"]
    )


def test_user_data_is_decoded() -> None:
    client = Client(
        describe_instances={"Reservations": [{"Instances": [{"InstanceId": "i-1", "Tags": [{"Value": VALUE}]}]}]},
        describe_instance_attribute={"UserData": {"Value": base64.b64encode(VALUE.encode()).decode()}},
    )
    found = read_all(read_user_data(client))
    assert found["i-1"] == VALUE.encode()
    assert VALUE.encode() in found["i-1 description"]


def test_an_archive_in_a_bucket_is_searched() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("one.py", VALUE)
    client = Client(
        list_buckets={"Buckets": [{"Name": "assets"}]},
        list_object_versions={"Versions": [{"Key": "a.zip", "VersionId": "null", "IsLatest": True}]},
        get_object={"Body": io.BytesIO(archive.getvalue())},
    )
    assert read_all(read_buckets(client))["assets/a.zip!one.py"] == VALUE.encode()


def test_an_image_and_its_snapshot_are_searched(tmp_path: Path) -> None:
    for folder, name in (("images", "ami-1"), ("snapshots", "snap-1")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.raw").write_text(VALUE)
    client = Client(
        describe_images={"Images": [{"ImageId": "ami-1", "BlockDeviceMappings": [{"Ebs": {"SnapshotId": "snap-1"}}]}]}
    )
    found = read_all(read_images(client, tmp_path, lambda disk: [b"of " + disk.name.encode()]))
    assert found.keys() == {"ami-1", "ami-1 journal", "snap-1"}
    assert found["ami-1 journal"] == b"of ami-1.raw"
    assert VALUE.encode() in found["ami-1"]
    assert VALUE.encode() in found["snap-1"]


def test_a_snapshot_in_the_blocks_of_its_image_is_read_once(tmp_path: Path) -> None:
    """A second name for a file has the same blocks, as a snapshot on the pool has, which shares them with its image."""
    for folder in ("images", "snapshots"):
        (tmp_path / folder).mkdir()
    (tmp_path / "images/ami-1.raw").write_text(VALUE)
    (tmp_path / "snapshots/snap-1.raw").hardlink_to(tmp_path / "images/ami-1.raw")
    client = Client(
        describe_images={"Images": [{"ImageId": "ami-1", "BlockDeviceMappings": [{"Ebs": {"SnapshotId": "snap-1"}}]}]}
    )
    found = read_all(read_images(client, tmp_path, lambda _: []))
    assert VALUE.encode() in found["ami-1"]
    assert found["snap-1: the blocks of ami-1"] == b""


def test_every_version_of_an_object_is_searched() -> None:
    # Given an evidence bucket with a replaced record
    kept = {"1": VALUE, "2": "clean"}

    class Versions(Client):
        def get_object(self, **request: str) -> dict[str, Any]:
            return {"Body": io.BytesIO(kept[request["VersionId"]].encode())}

    client = Versions(
        list_buckets={"Buckets": [{"Name": "evidence"}]},
        list_object_versions={
            "Versions": [
                {"Key": "run.json", "VersionId": "2", "IsLatest": True},
                {"Key": "run.json", "VersionId": "1", "IsLatest": False},
            ]
        },
    )
    assert read_all(read_buckets(client)) == {
        "evidence/run.json": b"clean",
        "evidence/run.json (version 1)": VALUE.encode(),
    }


def test_an_empty_bucket_is_no_error() -> None:
    assert read_all(read_buckets(Client(list_buckets={"Buckets": [{"Name": "empty"}]}, list_object_versions={}))) == {}


def test_a_response_without_the_expected_key_is_an_error() -> None:
    with pytest.raises(KeyError, match="logGroups"):
        read_all(read_logs(Client(describe_log_groups={"LogGroups": []})))


def test_the_environment_of_a_function_is_searched() -> None:
    client = Client(
        list_functions={"Functions": [{"FunctionName": "Procedure"}]},
        get_function_configuration={"Environment": {"Variables": {"PASSWORD": VALUE}}},
    )
    assert VALUE.encode() in read_all(read_functions(client))["Procedure"]
