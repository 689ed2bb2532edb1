"""Where the rehearsal is tied to ministack: the only package that names what is private to it.

Written for ministack 1.5.33; `tests/unit/aws/test_registry.py` is the contract that a newer one must keep.

    registry = Registry()
    registry.register_actions("dms", {"CreateEndpoint": api.create_endpoint, …})   a whole service, or more actions of one
    registry.register_ec2_action("CreateImage", images.create_image)               one action of EC2
    registry.register_type("AWS::DMS::Endpoint", create=…, delete=…)              a resource type
    registry.authorize({"ssm"}, checks)                                           what policies are asked
"""

from __future__ import annotations

from importlib.metadata import version

from rehearsal.aws.front import Action
from rehearsal.aws.registry.application import build_application
from rehearsal.aws.registry.policies import Authorize, Caller, Check, Policies
from rehearsal.aws.registry.records import Records
from rehearsal.aws.registry.resource_types import Create, Delete, Properties, Resource, ResourceTypes, Update
from rehearsal.aws.registry.services import Services
from rehearsal.aws.registry.simulation import Simulation
from rehearsal.errors import RehearsalError

__all__ = [
    "Action",
    "Authorize",
    "Caller",
    "Check",
    "Create",
    "Delete",
    "Properties",
    "Registry",
    "Resource",
    "Update",
    "build_application",
]
MINISTACK = "1.5.33"


class Registry(Services, ResourceTypes, Policies, Simulation, Records):
    """One per process: what it registers stays."""

    def __init__(self) -> None:
        if version("ministack") != MINISTACK:
            raise RehearsalError(f"ministack {version('ministack')} is installed, {MINISTACK} is needed: `make setup`.")
        Services.__init__(self)
        ResourceTypes.__init__(self)
