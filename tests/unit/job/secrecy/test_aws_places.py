"""Values hidden by escapes and encodings in what AWS answers are laid open."""

import base64
import io
import zipfile
from pathlib import Path
from typing import Any

from rehearsal.job.secrecy.aws_places import buckets, images, step_functions, user_data

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


def test_user_data_is_decoded() -> None:
    client = Client(
        describe_instances={"Reservations": [{"Instances": [{"InstanceId": "i-1"}]}]},
        describe_instance_attribute={"UserData": {"Value": base64.b64encode(VALUE.encode()).decode()}},
    )
    assert everything(user_data(client)) == {"i-1": VALUE.encode()}


def test_archives_in_buckets_are_opened() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("one.py", VALUE)
    client = Client(
        list_buckets={"Buckets": [{"Name": "assets"}]},
        list_objects_v2={"Contents": [{"Key": "a.zip"}]},
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
    found = everything(images(client, tmp_path))
    assert found.keys() == {"ami-1", "snap-1"}
    assert all(VALUE.encode() in blocks for blocks in found.values())
