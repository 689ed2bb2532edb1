"""CloudFormation's part towards one custom resource of a stack that is deployed: events at any time, in any order.

    resource = CustomResource.of(settings, stack="MigrationStack", kind="Custom::Cutover")
    pending = resource.create(CutoverId="x2")
    pending.again()                         # the same event, as Lambda may deliver it twice
    response = pending.wait(600)              # Answer("SUCCESS" or "FAILED", reason, physical_id, data)
    resource.delete(response.physical_id)

The stack does not know of it: delete what was created.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import requests

from rehearsal.aws.clients import Clients
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings

RequestType = Literal["Create", "Update", "Delete"]
_GRACE = 30.0


@dataclass(frozen=True)
class Answer:
    """A custom resource's response to CloudFormation."""

    status: str
    reason: str
    physical_id: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pending:
    """One request that CloudFormation has made."""

    settings: Settings
    event: Mapping[str, Any]

    def send_again(self) -> None:
        """Send the same event once more."""
        Clients(self.settings)("lambda").invoke(
            FunctionName=self.event["ServiceToken"], InvocationType="Event", Payload=json.dumps(self.event)
        )

    def wait(self, seconds: float) -> Answer:
        """Return the first response. Raises RehearsalError when none came in time."""
        url = self.event["ResponseURL"]
        response = requests.get(url, params={"seconds": seconds}, timeout=seconds + _GRACE)
        if not response.ok:
            raise RehearsalError(f"Nothing waits for the response of {self._name}: {response.json()['message']}.")
        if response.json()["body"] is None:
            raise RehearsalError(f"{self._name} got no response within {seconds:g} s.")
        found = json.loads(response.json()["body"])
        physical_id = found.get("PhysicalResourceId", "")
        return Answer(found["Status"], found.get("Reason") or "", physical_id, found.get("Data") or {})

    def stop_listening(self) -> None:
        """Close the address, as CloudFormation does when it stops waiting. Later responses then get "Request has expired"."""
        requests.delete(self.event["ResponseURL"], timeout=_GRACE)

    @property
    def _name(self) -> str:
        return f"{self.event['RequestType']} of {self.event['ResourceType']} (request {self.event['RequestId']})"


@dataclass(frozen=True)
class CustomResource:
    """One resource, as its stack has made it."""

    settings: Settings
    stack_id: str
    logical_id: str
    kind: str
    physical_id: str
    properties: Mapping[str, Any]

    @classmethod
    def of(cls, settings: Settings, *, stack: str, kind: str) -> CustomResource:
        """Return the custom resource of a stack. Raises RehearsalError when the stack has not exactly one of this type."""
        response = requests.get(f"{settings.aws_url}/_rehearsal/custom-resources/{stack}", timeout=_GRACE)
        if not response.ok:
            raise RehearsalError(f"The local AWS refused: {response.json()['message']}.")
        found = [one for one in response.json()["resources"] if one["type"] == kind]
        if len(found) != 1:
            raise RehearsalError(f"{stack} has {len(found)} resources of type {kind}, not one.")
        one = found[0]
        return cls(
            settings, response.json()["stack_id"], one["logical_id"], kind, one["physical_id"], one["properties"]
        )

    def create(self, **changes: str) -> Pending:
        """Send Create with the stack's own properties and these `changes`."""
        return self._send("Create", {"ResourceProperties": {**self.properties, **changes}})

    def update(self, physical_id: str = "", **changes: str) -> Pending:
        """Send Update from the stack's own properties to the changed ones. The default `physical_id` is the stack's."""
        old, new = dict(self.properties), {**self.properties, **changes}
        known = {"PhysicalResourceId": physical_id or self.physical_id}
        return self._send("Update", {**known, "OldResourceProperties": old, "ResourceProperties": new})

    def delete(self, physical_id: str, **changes: str) -> Pending:
        """Send Delete, also while the creation is still pending."""
        return self._send(
            "Delete", {"PhysicalResourceId": physical_id, "ResourceProperties": {**self.properties, **changes}}
        )

    def _send(self, request: RequestType, details: Mapping[str, Any]) -> Pending:
        identity = str(uuid.uuid4())
        url = f"{self.settings.aws_url}/_rehearsal/mailbox/{identity}"
        requests.post(url, timeout=_GRACE).raise_for_status()
        pending = Pending(
            self.settings,
            {
                "RequestType": request,
                "RequestId": identity,
                "ServiceToken": self.properties["ServiceToken"],
                "ResponseURL": url,
                "StackId": self.stack_id,
                "ResourceType": self.kind,
                "LogicalResourceId": self.logical_id,
                **details,
            },
        )
        pending.send_again()
        return pending
