"""Read botocore's description of a service: its protocol, its operations, the shapes of requests and responses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import botocore.session
from botocore.model import OperationModel, ServiceModel

_SPOKEN = ("ec2", "query", "json", "rest-json")


@dataclass(frozen=True)
class Service:
    """One service by its boto3 name ("elbv2"); `scope` is the name in signatures ("elasticloadbalancing")."""

    name: str
    model: ServiceModel

    @property
    def scope(self) -> str:
        """Return the name of the service in signatures."""
        return self.model.signing_name

    @property
    def target_prefix(self) -> str | None:
        """Return the beginning of X-Amz-Target, for JSON services."""
        prefix = self.model.metadata.get("targetPrefix")
        return None if prefix is None else str(prefix)

    @property
    def protocol(self) -> str:
        """Return the one of its protocols that the rehearsal implements; others belong to ministack alone."""
        offered = self.model.metadata.get("protocols", [self.model.metadata["protocol"]])
        return next((name for name in offered if name in _SPOKEN), str(self.model.metadata["protocol"]))

    def get_operation(self, action: str) -> OperationModel:
        """Return the model of an action. Raises botocore.model.OperationNotFoundError for an action that AWS does not have either."""
        return self.model.operation_model(action)


@cache
def load_service(name: str) -> Service:
    """Return a service by its boto3 name. Raises botocore.exceptions.UnknownServiceError."""
    return Service(name, botocore.session.get_session().get_service_model(name))
