"""Custom::StageServers: the site's servers run the image of the test launch while the resource exists, or for good after the commit.

CloudFormation creates ServersStack before the test launch, without servers, so that the stack depends on nothing temporary. This
resource then writes the image into the site's parameter and lets CloudFormation update ServersStack, whose template reads it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from common.clients.autoscaling import GroupCapacity
from common.clients.compute import Compute
from common.clients.parameters import Parameters
from common.clients.runs import Runs
from common.clients.stacks import Stacks
from common.clock import Clock
from common.errors import Missing, StepFailed
from common.site_parameters import NO_IMAGE, ROOT_DEVICE, SERVERS_IMAGE

from custom_resource.event import Progress, Request, Started

PHASE = "Start the servers"
START_WITHIN_SECONDS = 20 * 60
"""from the update of the stack until its servers are in service"""
DEADLINE = "Deadline"


@dataclass(frozen=True, kw_only=True)
class StageServers:
    """Starts the servers from the image. Its deletion before a commit ends them; after a commit it changes nothing."""

    parameters: Parameters
    stacks: Stacks
    compute: Compute
    capacity: Callable[[str], GroupCapacity]
    """by name of the auto scaling group"""
    runs: Runs
    clock: Clock

    def start(self, request: Request) -> Started:
        started = Started(physical_id="servers", data={DEADLINE: str(round(self.clock.now() + START_WITHIN_SECONDS))})
        if request.kind == "Delete" and self.runs.read().committed:
            return started  # the site runs on these servers
        image_id = _find_wanted(request)
        self.parameters.set_image(image_id, self._find_root_device(image_id))
        return started

    def _find_root_device(self, image_id: str) -> str:
        """Return the root device of the image. Raises StepFailed when the image does not exist: no server could start from it."""
        if image_id == NO_IMAGE:
            return ROOT_DEVICE
        image = self.compute.find_image(image_id)
        if image is None:
            raise StepFailed(
                f"the image {image_id} of the test launch does not exist",
                phase=PHASE,
                next_action="set a new cutover_id, which repeats the test launch, then deploy again",
            )
        return image.root_device or ROOT_DEVICE

    def check_progress(self, request: Request) -> Progress:
        if request.kind == "Delete" and self.runs.read().committed:
            return Progress(complete=True)
        wanted, name = _find_wanted(request), str(request.properties["StackName"])
        try:
            stack = self.stacks.read(name)
        except Missing:
            if request.kind == "Delete":
                return Progress(complete=True)
            raise
        if stack.is_in_progress:
            return Progress(complete=False)
        if stack.outputs.get(SERVERS_IMAGE) != wanted:
            return self._update(request, name)
        return self._check_capacity(request)

    def _update(self, request: Request, name: str) -> Progress:
        """Update the stack once for each request. Raises StepFailed when that update was rolled back."""
        token = f"servers-{hashlib.sha256(request.identity.encode()).hexdigest()[:32]}"
        failure = self.stacks.find_failure(name, token)
        if failure is not None:
            raise StepFailed(
                f"{name} could not be updated to the image {_find_wanted(request)}: {failure or 'it was rolled back'}",
                phase=PHASE,
                machine=name,
                next_action="correct what the events of the stack name, then deploy again",
            )
        # Nothing changes if migration.toml names the image: then the stack does not read the parameter.
        return Progress(complete=not self.stacks.update(name, token=token))

    def _check_capacity(self, request: Request) -> Progress:
        """Wait until the group has its servers, or none any more. Raises StepFailed after a time limit."""
        capacity = self.capacity(str(request.properties["Group"]))
        if capacity.is_reached():
            return Progress(complete=True)
        if request.kind != "Delete" and self.clock.now() > float(request.data.get(DEADLINE) or 0):
            raise StepFailed(
                f"the servers are not in service after {START_WITHIN_SECONDS // 60} minutes:"
                f" {capacity.find_failure() or 'Auto Scaling names no failure'}",
                phase=PHASE,
                machine=str(request.properties["Group"]),
                next_action="read the activity history of the Auto Scaling group, then deploy again",
            )
        return Progress(complete=False)


def _find_wanted(request: Request) -> str:
    return NO_IMAGE if request.kind == "Delete" else str(request.properties["ImageId"])
