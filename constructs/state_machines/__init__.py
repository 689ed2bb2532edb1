"""The procedure in AWS: its function, its two state machines, and the custom resources that start them."""

from state_machines.custom_resources import CustomResources
from state_machines.cutover import Cutover
from state_machines.environment import build_procedure_environment
from state_machines.expiry import SuspendedReplicaExpiry
from state_machines.preparation import PrepareTargetDatabase, ProviderSettings, StartReplication
from state_machines.procedure_function import ProcedureFunction
from state_machines.stage_servers import StageServers
from state_machines.test_launch import TestLaunch

__all__ = [
    "CustomResources",
    "Cutover",
    "PrepareTargetDatabase",
    "ProcedureFunction",
    "ProviderSettings",
    "StageServers",
    "StartReplication",
    "SuspendedReplicaExpiry",
    "TestLaunch",
    "build_procedure_environment",
]
