"""Handle the actions of Systems Manager about hybrid activations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rehearsal.aws.exceptions import NotEmulated
from rehearsal.aws.paging import cut_page
from rehearsal.aws.registry import Registry
from rehearsal.aws.role_sessions import RoleSessions
from rehearsal.aws.ssm import exceptions
from rehearsal.aws.ssm.agents import SSM
from rehearsal.aws.ssm.models import Activation
from rehearsal.aws.ssm.registrations import Registrations
from rehearsal.aws.ssm.responses.nodes import format_activation


class ActivationApi:
    """The codes with which agents register machines that are not EC2 instances."""

    def __init__(self, registry: Registry, registrations: Registrations, sessions: RoleSessions) -> None:
        self._registrations, self._sessions = registrations, sessions
        registry.register_actions(
            "ssm",
            {
                "CreateActivation": self.create,
                "DeleteActivation": self.delete,
                "DescribeActivations": self.describe,
            },
        )

    def create(
        self,
        iam_role: str,
        description: str = "",
        default_instance_name: str = "",
        registration_limit: int = 1,
        expiration_date: datetime | None = None,
        tags: list[dict[str, str]] | None = None,
    ) -> dict[str, Any]:
        """Create an activation for a role that trusts Systems Manager. Raises ApiError."""
        role = self._sessions.find_role(iam_role.rpartition("/")[2])
        if role is None or SSM not in role.trusted or not role.arn.endswith(f":role/{iam_role.lstrip('/')}"):
            raise exceptions.role_not_trusting(iam_role)
        activation, code = self._registrations.create_activation(
            iam_role,
            limit=registration_limit,
            expires=expiration_date,
            description=description,
            default_name=default_instance_name,
            tags={tag["Key"]: tag["Value"] for tag in tags or ()},
        )
        return {"ActivationId": activation.id, "ActivationCode": code}

    def delete(self, activation_id: str) -> None:
        """Delete an activation. Its nodes stay registered."""
        self._registrations.delete_activation(activation_id)

    def describe(
        self,
        filters: list[dict[str, Any]] | None = None,
        max_results: int | None = None,
        next_token: str | None = None,
    ) -> dict[str, Any]:
        """Return the activations that match. The response never holds a code."""
        found = self._registrations.list_activations()
        for one in filters or ():
            key, values = one["FilterKey"], one["FilterValues"]
            found = [activation for activation in found if _read_attribute(activation, key) in values]
        shown, token = cut_page(found, next_token, max_results)
        return {"ActivationList": [format_activation(one) for one in shown], "NextToken": token}


def _read_attribute(activation: Activation, key: str) -> str:
    if key == "ActivationIds":
        return activation.id
    if key == "DefaultInstanceName":
        return activation.default_name
    if key == "IamRole":
        return activation.role
    raise NotEmulated(f"the filter {key}")
