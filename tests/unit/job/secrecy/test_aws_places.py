"""Values hidden by escapes and encodings in what AWS answers are laid open."""

import base64
import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from rehearsal.job.secrecy.aws_places import buckets, commands, functions, images, logs, step_functions, user_data

VALUE = 'pa"ss\\word'


class Pages:
    def __init__(self, answer: dict[str, Any]) -> None:
        self._answer = answer

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return [self._answer]


class Client:
    """Answers each action from a table; paginated ones too."""

    def __init__(self, **answers: dict[str, Any]) -> None:
        self._answers = answers

    def get_paginator(self, action: str) -> Pages:
        return Pages(self._answers[action])

    def __getattr__(self, action: str) -> Any:
        return lambda **_: self._answers[action]


def everything(items: Any) -> dict[str, bytes]:
    return {item.name: b"".join(item.pieces) for item in items}


def test_a_text_within_json_is_shown_as_it_is() -> None:
    client = Client(
        list_state_machines={"stateMachines": [{"stateMachineArn": "arn", "name": "Cutover"}]},
        describe_state_machine={"definition": "{}"},
        list_executions={"executions": [{"executionArn": "run", "name": "run"}]},
        describe_execution={"input": f'{{"password": {VALUE}}}'},
        get_execution_history={"events": [{"details": {"output": VALUE}}]},
    )
    found = everything(step_functions(client))
    assert found.keys() == {"Cutover", "Cutover run"}
    assert found["Cutover run"].count(VALUE.encode()) == 2


def pack(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def answers_of_machines(output: str) -> Client:
    return Client(
        list_commands={"Commands": [{"CommandId": "c-1"}]},
        list_command_invocations={"CommandInvocations": [{"CommandId": "c-1", "InstanceId": "i-1"}]},
        get_command_invocation={"StandardOutputContent": output},
    )


@pytest.mark.parametrize("length", range(4))
def test_what_a_machine_has_packed_is_opened_at_any_depth(length: int) -> None:
    logs = json.dumps({"ok": True, "logs": pack(f"password={VALUE}" + "." * length)})
    output = f'the journal\n{{"ok": true, "packed": "{pack(logs)}"}}\n'
    assert VALUE.encode() in everything(commands(answers_of_machines(output)))["c-1 on i-1"]


def test_a_packed_answer_that_was_cut_is_opened_as_far_as_it_goes() -> None:
    packed = pack(VALUE + "".join(str(number * 7919) for number in range(9_000)))
    for end in range(len(packed) - 8, len(packed) - 4):
        assert VALUE.encode() in everything(commands(answers_of_machines(packed[:end])))["c-1 on i-1"]


def test_a_text_that_only_looks_packed_is_left_as_it_is() -> None:
    assert (
        b"eNotPackedAtAllButLongEnough"
        in everything(commands(answers_of_machines("eNotPackedAtAllButLongEnough")))["c-1 on i-1"]
    )


def test_user_data_is_decoded() -> None:
    client = Client(
        describe_instances={"Reservations": [{"Instances": [{"InstanceId": "i-1", "Tags": [{"Value": VALUE}]}]}]},
        describe_instance_attribute={"UserData": {"Value": base64.b64encode(VALUE.encode()).decode()}},
    )
    found = everything(user_data(client))
    assert found["i-1"] == VALUE.encode()
    assert VALUE.encode() in found["i-1 description"]


def test_archives_in_buckets_are_opened() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("one.py", VALUE)
    client = Client(
        list_buckets={"Buckets": [{"Name": "assets"}]},
        list_object_versions={"Versions": [{"Key": "a.zip", "VersionId": "null", "IsLatest": True}]},
        get_object={"Body": io.BytesIO(archive.getvalue())},
    )
    assert everything(buckets(client))["assets/a.zip!one.py"] == VALUE.encode()


def test_an_image_and_its_snapshot_are_read(tmp_path: Path) -> None:
    for folder, name in (("images", "ami-1"), ("snapshots", "snap-1")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.raw").write_text(VALUE)
    client = Client(
        describe_images={"Images": [{"ImageId": "ami-1", "BlockDeviceMappings": [{"Ebs": {"SnapshotId": "snap-1"}}]}]}
    )
    found = everything(images(client, tmp_path, lambda disk: [b"of " + disk.name.encode()]))
    assert found.keys() == {"ami-1", "ami-1 journal", "snap-1"}
    assert found["ami-1 journal"] == b"of ami-1.raw"
    assert VALUE.encode() in found["ami-1"]
    assert VALUE.encode() in found["snap-1"]


def test_what_was_written_over_is_read_too() -> None:
    # Given an evidence bucket in which a record was replaced
    kept = {"1": VALUE, "2": "clean"}

    class Versions(Client):
        def get_object(self, **asked: str) -> dict[str, Any]:
            return {"Body": io.BytesIO(kept[asked["VersionId"]].encode())}

    client = Versions(
        list_buckets={"Buckets": [{"Name": "evidence"}]},
        list_object_versions={
            "Versions": [
                {"Key": "run.json", "VersionId": "2", "IsLatest": True},
                {"Key": "run.json", "VersionId": "1", "IsLatest": False},
            ]
        },
    )
    assert everything(buckets(client)) == {
        "evidence/run.json": b"clean",
        "evidence/run.json (version 1)": VALUE.encode(),
    }


def test_an_empty_bucket_is_no_error() -> None:
    assert everything(buckets(Client(list_buckets={"Buckets": [{"Name": "empty"}]}, list_object_versions={}))) == {}


def test_an_answer_without_what_was_asked_for_was_not_searched() -> None:
    with pytest.raises(KeyError, match="logGroups"):
        everything(logs(Client(describe_log_groups={"LogGroups": []})))


def test_the_environment_of_a_function_is_shown() -> None:
    client = Client(
        list_functions={"Functions": [{"FunctionName": "Procedure"}]},
        get_function_configuration={"Environment": {"Variables": {"PASSWORD": VALUE}}},
    )
    assert VALUE.encode() in everything(functions(client))["Procedure"]
