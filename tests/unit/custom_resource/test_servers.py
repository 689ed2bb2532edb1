"""Custom::StageServers: CloudFormation starts the servers from the image of the test launch, in a stack that depends on nothing temporary."""

from __future__ import annotations

from typing import Any

import pytest
from common.clients.compute import Image
from common.clients.run_record import Record
from common.clients.stacks import StackState
from common.errors import Missing, StepFailed
from custom_resource.event import Request
from custom_resource.resources.servers import START_WITHIN_SECONDS, StageServers

from tests.unit.procedure.clock import FakeClock

IMAGE = "ami-0a1b2c3d4e5f60718"
PROPERTIES = {"StackName": "ServersStack", "Group": "cutover-gogs", "ImageId": IMAGE}


class World:
    """Parameter Store, CloudFormation with one stack, and its auto scaling group."""

    def __init__(self, *, image: str = "none", decision: Any = "", reads_parameter: bool = True) -> None:
        self.parameter, self.image, self.decision, self.reads_parameter = image, image, decision, reads_parameter
        self.status, self.tokens, self.failure = "CREATE_COMPLETE", list[str](), ""
        self.exists, self.reached, self.updates = True, False, 0
        self.root_device, self.images = "/dev/sda1", {IMAGE: "/dev/xvda"}
        """the parameter, and the root device of each image in EC2"""
        self.clock = FakeClock()

    def create(self) -> StageServers:
        return StageServers(
            parameters=self,  # type: ignore[arg-type]
            stacks=self,  # type: ignore[arg-type]
            compute=self,  # type: ignore[arg-type]
            capacity=lambda group: self.open_group(group),  # type: ignore[arg-type, return-value]
            runs=RunsOf(self),  # type: ignore[arg-type]
            clock=self.clock,
        )

    def set_image(self, image_id: str, root_device: str) -> None:
        self.parameter, self.root_device = image_id, root_device

    def find_image(self, image_id: str) -> Image | None:
        if image_id not in self.images:
            return None
        return Image(image_id=image_id, state="available", reason="", snapshots=(), root_device=self.images[image_id])

    def read(self, name: str) -> StackState:
        if not self.exists:
            raise Missing(f"stack {name} does not exist")
        return StackState(name=name, status=self.status, outputs={"ServersImage": self.image})

    def update(self, _name: str, *, token: str) -> bool:
        if not self.reads_parameter:
            return False
        self.updates += 1
        self.tokens.append(token)
        self.status = "UPDATE_IN_PROGRESS"
        return True

    def find_failure(self, _name: str, token: str) -> str | None:
        return self.failure if token in self.tokens else None

    def finish_update(self) -> None:
        self.status, self.image = "UPDATE_COMPLETE", self.parameter

    def fail_update(self, reason: str) -> None:
        self.status, self.failure = "UPDATE_ROLLBACK_COMPLETE", reason

    def open_group(self, group: str) -> World:
        assert group == "cutover-gogs"
        return self

    def is_reached(self) -> bool:
        return self.reached


class RunsOf:
    def __init__(self, world: World) -> None:
        self.world = world

    def read(self) -> Record:
        return Record(run_id="first-c-1", decision=self.world.decision)


def ask(kind: Any, *, identity: str = "a", data: Any = None) -> Request:
    return Request(
        kind=kind, resource_type="x", properties=PROPERTIES, physical_id="servers", identity=identity, data=data or {}
    )


def test_the_servers_start_from_the_image_in_one_update_of_their_stack() -> None:
    world = World()
    resource = world.create()
    started = resource.start(ask("Create"))
    request = ask("Create", data=started.data)
    assert world.parameter == IMAGE
    assert not resource.check_progress(request).complete
    assert not resource.check_progress(request).complete, "CloudFormation is still working"
    world.finish_update()
    assert not resource.check_progress(request).complete, "the servers are not in service yet"
    world.reached = True
    assert resource.check_progress(request).complete
    assert world.updates == 1


def test_the_launch_template_gets_the_root_device_of_the_image() -> None:
    """EC2 launches nothing from a template with another one: it would be a second disk without a size."""
    world = World()
    resource = world.create()
    resource.start(ask("Create"))
    assert world.root_device == "/dev/xvda"
    resource.start(ask("Delete"))
    assert (world.parameter, world.root_device) == ("none", "/dev/sda1"), "that of the placeholder"


def test_a_deleted_image_is_reported_before_anything_changes() -> None:
    world = World()
    world.images.clear()
    with pytest.raises(StepFailed, match=f"the image {IMAGE} of the test launch does not exist") as failed:
        world.create().start(ask("Create"))
    assert "cutover_id" in failed.value.next_action
    assert world.parameter == "none"


def test_a_failed_update_is_reported_with_its_reason_and_not_repeated() -> None:
    world = World()
    resource = world.create()
    resource.start(ask("Create"))
    resource.check_progress(ask("Create"))
    world.fail_update("ServersGroup: the instance type is not available in this zone")
    with pytest.raises(StepFailed, match="instance type is not available"):
        resource.check_progress(ask("Create"))
    assert world.updates == 1


def test_the_next_request_updates_again_after_a_failed_one() -> None:
    world = World()
    resource = world.create()
    resource.start(ask("Create"))
    resource.check_progress(ask("Create"))
    world.fail_update("no capacity")
    resource.start(ask("Create", identity="b"))
    assert not resource.check_progress(ask("Create", identity="b")).complete
    assert world.updates == 2


def test_servers_that_do_not_start_fail_the_deploy_after_a_time_limit() -> None:
    world = World()
    resource = world.create()
    started = resource.start(ask("Create"))
    resource.check_progress(ask("Create"))
    world.finish_update()
    world.clock.sleep(START_WITHIN_SECONDS + 1)
    world.find_failure = lambda *_: "VcpuLimitExceeded"  # type: ignore[method-assign]
    with pytest.raises(StepFailed, match="not in service after 20 minutes: VcpuLimitExceeded"):
        resource.check_progress(ask("Create", data=started.data))


def test_an_image_of_the_settings_needs_no_update() -> None:
    world = World(reads_parameter=False)
    resource = world.create()
    resource.start(ask("Create"))
    assert resource.check_progress(ask("Create")).complete


def test_the_deletion_before_a_commit_ends_the_servers() -> None:
    world = World(image=IMAGE)
    resource = world.create()
    resource.start(ask("Delete"))
    assert world.parameter == "none"
    assert not resource.check_progress(ask("Delete")).complete
    world.finish_update()
    world.reached = True
    assert resource.check_progress(ask("Delete")).complete


def test_the_deletion_after_a_commit_changes_nothing() -> None:
    world = World(image=IMAGE, decision="commit")
    resource = world.create()
    resource.start(ask("Delete"))
    assert resource.check_progress(ask("Delete")).complete
    assert (world.parameter, world.updates) == (IMAGE, 0)


def test_a_stack_that_is_gone_needs_no_deletion() -> None:
    world = World(image=IMAGE)
    world.exists = False
    resource = world.create()
    resource.start(ask("Delete"))
    assert resource.check_progress(ask("Delete")).complete
