"""`/_rehearsal/custom-resources/STACK`: the properties that CloudFormation sends to the functions of a stack's custom resources.

No API of CloudFormation shows the properties with their references resolved.
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws.control import Call, Control, Response
from rehearsal.aws.mailbox import Mailbox
from rehearsal.aws.registry import Registry
from rehearsal.faults import CommandRejected


def install(registry: Registry, control: Control) -> None:
    """Add the handlers of custom resources and mailboxes."""
    stacks = registry.get_records("cloudformation", "stacks")
    in_words = registry.get_function("cloudformation.custom_resource", "_normalise_resource_properties")

    def show(call: Call) -> Response:
        stack = stacks.get(call.rest)
        if stack is None:
            raise CommandRejected(f"there is no stack {call.rest}")
        return 200, {
            "stack_id": stack["StackId"],
            "resources": [
                {
                    "logical_id": logical_id,
                    "type": resource["ResourceType"],
                    "physical_id": resource.get("PhysicalResourceId", ""),
                    "properties": in_words(resource.get("Properties") or {}),
                }
                for logical_id, resource in stack["_resources"].items()
                if _is_custom(resource["ResourceType"])
            ],
        }

    control.add("custom-resources", show)
    control.add("mailbox", Mailbox())


def _is_custom(kind: Any) -> bool:
    return str(kind).startswith(("Custom::", "AWS::CloudFormation::CustomResource"))
