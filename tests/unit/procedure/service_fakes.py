# ruff: noqa: ARG002  (the fakes have the clients' signatures)
"""Fakes of the clients that the world is not itself: the targets' group, the public names, the evidence bucket."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from common.clients.autoscaling import Member

if TYPE_CHECKING:
    from tests.unit.procedure.world import World


class FakeMembers:
    def __init__(self, world: World) -> None:
        self._world = world

    def list_members(self) -> list[Member]:
        return [Member(instance_id=i, in_service=True) for i in self._world.members_now]

    def list_unbalanced_members(self) -> list[str]:
        """Each new member is found healthy at the second look."""
        fresh = [i for i in self._world.members_now if i not in self._world.balanced]
        self._world.balanced.update(fresh)
        return [f"{i}: the first health check has not ended" for i in fresh]


class FakeName:
    def __init__(self, world: World) -> None:
        self._world = world

    def list_record_sets(self, name: str) -> list[dict[str, Any]]:
        return [{"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "203.0.113.1"}]}]

    def check_zone(self, names: list[str]) -> list[str]:
        return []

    def point_name(self, name: str, *, load_balancer_dns: str, load_balancer_zone_id: str) -> None:
        self._world.names[name] = load_balancer_dns
        self._world.note(f"point {name} to {load_balancer_dns}")

    def probe(self, name: str, *, load_balancer_dns: str, load_balancer_zone_id: str) -> str:
        return "tried"


class FakeBucket:
    def __init__(self, objects: dict[str, Any], *, refused: bool) -> None:
        self._objects, self._refused = objects, refused

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if Key not in self._objects:
            raise ClientError({"Error": {"Code": "NoSuchKey", "Message": Key}}, "GetObject")
        return {"Body": io.BytesIO(self._objects[Key])}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:  # noqa: N803
        if self._refused:
            raise ClientError({"Error": {"Code": "ServiceUnavailable", "Message": Key}}, "PutObject")
        self._objects[Key] = Body
