"""Sites for the commands of the operator, over a world of the procedure's tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from common.clients.run_record import Record
from common.settings import Limits

from operate.evidence import EvidenceReader
from operate.status import Plan, Status, StatusReader
from tests.unit.procedure.gated import MANUAL, execute_gated, give_go_when_awaited
from tests.unit.procedure.world import World

RUN = "m1-c-0123456789"
PAGE = 3


class FakeS3:
    """An evidence bucket over the files of a world, which lists PAGE keys at a time."""

    def __init__(self, files: dict[str, Any]) -> None:
        self.files, self.reads = files, list[str]()

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        from botocore.exceptions import ClientError

        assert Bucket == "evidence"
        if Key not in self.files:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": ""}}, "GetObject")
        self.reads.append(Key)
        text = self.files[Key]
        return {"Body": FakeBody(text if isinstance(text, bytes) else str(text).encode())}

    def get_paginator(self, name: str) -> FakeS3:
        assert name == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str, Delimiter: str = "") -> Any:  # noqa: N803
        assert Bucket == "evidence"
        keys = sorted(key for key in self.files if key.startswith(Prefix))
        if Delimiter:
            prefixes = sorted({Prefix + key.removeprefix(Prefix).split(Delimiter)[0] + Delimiter for key in keys})
            return [{"CommonPrefixes": [{"Prefix": one}]} for one in prefixes]
        return [{"Contents": [{"Key": key} for key in keys[i : i + PAGE]]} for i in range(0, len(keys), PAGE)] or [{}]


@dataclass
class FakeBody:
    content: bytes

    def read(self) -> bytes:
        return self.content


@dataclass
class FakeSite:
    """A site over a world."""

    world: World = field(default_factory=World)
    name: str = "gogs"
    fails: Exception | None = None

    def __post_init__(self) -> None:
        self.s3 = FakeS3(self.world.files)
        self.evidence = EvidenceReader(self.s3, "evidence")  # type: ignore[arg-type]  # as much of it as is used

    def read_record(self) -> Record:
        if self.fails:
            failure, self.fails = self.fails, None
            raise failure
        return self.world.runs.read()

    def find_execution(self, run_id: str) -> None:  # noqa: ARG002 (the interface's)
        return None

    def read_lag(self) -> float | None:
        return self.world.lag_seconds


def read_during(step: str, world: World | None = None, **options: Any) -> Status:
    """Return the status at the first invocation of this step of a cutover with a gate."""
    world = world or World()
    site, found = FakeSite(world), list[Status]()
    reader = StatusReader(site, Plan(limits=Limits(), has_gate=True), world.clock)

    def before(name: str) -> None:
        if name == step and not found:
            found.append(reader.read())

    execute_gated(world, MANUAL, look=give_go_when_awaited, before=before, run_id=RUN, **options)
    return found[0]
