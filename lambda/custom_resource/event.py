"""A request of CloudFormation, as CDK's Provider framework passes it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

RequestType = Literal["Create", "Update", "Delete"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request."""

    kind: RequestType
    resource_type: str
    properties: Mapping[str, Any]
    physical_id: str
    identity: str
    """the same for every delivery of the same request, different for every other request"""
    data: Mapping[str, Any] = field(default_factory=dict)
    """in is_complete: the data that on_event returned"""
    stack_id: str = ""

    @classmethod
    def parse(cls, event: Mapping[str, Any]) -> Request:
        return cls(
            kind=event["RequestType"],
            resource_type=event["ResourceType"],
            properties=event.get("ResourceProperties") or {},
            physical_id=str(event.get("PhysicalResourceId") or ""),
            identity="|".join(str(event.get(key, "")) for key in ("StackId", "LogicalResourceId", "RequestId")),
            data=event.get("Data") or {},
            stack_id=str(event.get("StackId") or ""),
        )


@dataclass(frozen=True, kw_only=True)
class Started:
    """The response of on_event. A changed physical id makes CloudFormation delete the old one at the end of the update."""

    physical_id: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_response(self) -> dict[str, Any]:
        return {"PhysicalResourceId": self.physical_id, "Data": dict(self.data)}


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The response of is_complete."""

    complete: bool
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_response(self) -> dict[str, Any]:
        return {"IsComplete": True, "Data": dict(self.data)} if self.complete else {"IsComplete": False}


class Resource(Protocol):
    """A custom resource. Each call may be repeated. Raises CutoverError with the reason that CloudFormation shows."""

    def start(self, request: Request) -> Started:
        """Start what the request demands, and return the response of on_event."""
        ...

    def check_progress(self, request: Request) -> Progress:
        """Return whether it is complete, as the response of is_complete."""
        ...
