"""Failures of the local AWS that can be ordered, for scenarios: a plug pulled at every step.

orders.py      the kinds, and whom each fault hits
functions.py   invocations of Lambda, whoever invokes
requests.py    calls of any service's API
messages.py    what is delivered once more
machines.py    images and instances
control.py     /_rehearsal/faults of the AWS port
client.py      orders from Python; `python -m rehearsal.aws.faults` orders from a shell
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rehearsal.aws.control import Control
    from rehearsal.aws.faults.kinds import Faults
    from rehearsal.aws.registry import Registry


def install(faults: Faults, registry: Registry, control: Control) -> None:
    """When all services are registered. Faults of machines are in rehearsal.aws.ec2.lifecycle."""
    # ministack must not be imported where orders are only given.
    from rehearsal.aws.faults.control import FaultControl
    from rehearsal.aws.faults.functions import FunctionFaults
    from rehearsal.aws.faults.messages import MessageFaults
    from rehearsal.aws.faults.requests import RequestFaults

    FunctionFaults(registry, faults)
    MessageFaults(registry, faults)
    RequestFaults(registry, faults)
    control.add("faults", FaultControl(faults))
